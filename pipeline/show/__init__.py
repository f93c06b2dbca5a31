"""What people see at the prompt: reports as tables and sentences. Programs ask for --json instead."""
