"""Pictures of ships' movements, as SVG: pure functions from frames to text, without a file, a clock or a display."""
