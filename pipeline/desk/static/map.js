// The map of an alert: her way, silences and what they allow, who else was heard; a slider shows one moment of it.
import * as maplibregl from "./maplibre-gl/maplibre-gl.mjs";

const SILENT_S = 3 * 3600;
const MOMENT_S = 1200; // others are shown where they were heard within this of the moment

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const data = (features) => ({ type: "geojson", data: features });
const said = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");

// One source for all that is drawn at first: each source costs tiles of its own, and each tile that comes a redrawing.
function story(layers) {
  const told = ["land", "cells", "zones", "legs", "points", "marks", "names"].flatMap((of) =>
    (layers[of]?.features ?? [layers[of]]).filter(Boolean).map((one) => ({ ...one, properties: { ...one.properties, of } })));
  return { type: "FeatureCollection", features: told };
}

const of = (name, ...more) => ["all", ["==", ["get", "of"], name], ...more];

// What arrives after the map is drawn: its source, its layers, and the layer that they lie under.
const LATE = {
  areas: () => ["land", [
    { id: "areas", type: "fill", source: "areas", paint: { "fill-color": colour("area"), "fill-opacity": 0.13 } },
    { id: "areas-edge", type: "line", source: "areas", paint: { "line-color": colour("area"), "line-width": 1, "line-opacity": 0.7 } },
  ]],
  tracks: () => ["heard", [
    { id: "tracks", type: "line", source: "tracks", paint: { "line-color": colour("other"), "line-width": 1, "line-opacity": 0.45 } },
  ]],
  others: () => ["heard", [
    { id: "others", type: "circle", source: "others", paint: { "circle-color": colour("other"), "circle-radius": 3, "circle-stroke-color": colour("halo"), "circle-stroke-width": 0.8 } },
  ]],
};

export function mapStyle(layers) {
  const text = { "text-color": colour("ink"), "text-halo-color": colour("halo"), "text-halo-width": 1.6 };
  const kinds = ["match", ["get", "kind"], "call", colour("call"), "silence", colour("silent"), colour("meeting")];
  const around = (size, far) => ({ "text-size": size, "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": far, "text-justify": "auto" });
  return {
    version: 8,
    transition: { duration: 0, delay: 0 },
    sources: {
      story: { ...data(story(layers)), attribution: layers.attribution },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": colour("sea") } },
      { id: "cells", type: "fill", source: "story", filter: of("cells"), paint: { "fill-color": colour("way"), "fill-opacity": ["+", 0.06, ["*", 0.026, ["get", "hours"]]], "fill-antialias": false } },
      { id: "land", type: "fill", source: "story", filter: of("land"), paint: { "fill-color": colour("land"), "fill-antialias": false } },
      { id: "shore", type: "line", source: "story", filter: of("land"), paint: { "line-color": colour("shore"), "line-width": 0.8 } },
      { id: "zones", type: "fill", source: "story", filter: of("zones"), paint: { "fill-color": colour("zone"), "fill-opacity": ["case", ["get", "spoken"], 0.3, 0.1], "fill-antialias": false } },
      { id: "zones-edge", type: "line", source: "story", filter: of("zones"), paint: { "line-color": colour("zone"), "line-width": ["case", ["get", "spoken"], 1.6, 0.5] } },
      { id: "heard", type: "line", source: "story", filter: of("legs", ["!", ["get", "silent"]]), layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colour("way"), "line-width": 3 } },
      { id: "silent", type: "line", source: "story", filter: of("legs", ["get", "silent"]), paint: { "line-color": colour("silent"), "line-width": 2.5, "line-dasharray": [3, 2] } },
      { id: "points", type: "circle", source: "story", filter: of("points"), paint: { "circle-color": colour("way"), "circle-radius": 2.5 } },
      { id: "marks", type: "circle", source: "story", filter: of("marks"), paint: { "circle-color": kinds, "circle-radius": 6, "circle-stroke-color": colour("halo"), "circle-stroke-width": 1.5 } },
      { id: "names", type: "symbol", source: "story", filter: of("names"), layout: { "text-field": ["get", "name"], ...around(12, 0.7) }, paint: { ...text, "text-color": colour("zone") } },
      { id: "mark-names", type: "symbol", source: "story", filter: of("marks"), layout: { "text-field": ["get", "label"], ...around(13, 0.9) }, paint: text },
      { id: "point-names", type: "symbol", source: "story", filter: of("points"), minzoom: 7.5, layout: { "text-field": ["get", "at"], ...around(11, 0.6), "text-optional": true }, paint: text },
    ],
  };
}

function put(map, name, features) {
  const source = map.getSource(name);
  if (source) return source.setData(features);
  const [under, added] = LATE[name]();
  map.addSource(name, data(features));
  for (const layer of added) map.addLayer(layer, under);
}

export function drawMap(box, layers) {
  maplibregl.setWorkerUrl(new URL(box.dataset.worker, location.href).href);
  const place = document.createElement("div");
  box.append(place);
  const [west, south, east, north] = layers.view;
  const map = new maplibregl.Map({
    container: place,
    style: mapStyle(layers),
    bounds: [[west, south], [east, north]],
    fitBoundsOptions: { padding: 12 },
    maxBounds: layers.most && [[layers.most[0], layers.most[1]], [layers.most[2], layers.most[3]]],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    renderWorldCopies: false,
    locale: { "Map.Title": box.dataset.label },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.AttributionControl({ compact: false }));
  map.addControl(new maplibregl.ScaleControl({ unit: "nautical", maxWidth: 140 }), "bottom-left");
  box.append(buttons(map, layers.view));
  map.once("idle", () => box.setAttribute("data-drawn", String(Math.round(performance.now()))));
  tellOnHover(map);
  return map;
}

function buttons(map, view) {
  const group = document.createElement("div");
  group.className = "buttons";
  const whole = () => map.fitBounds([[view[0], view[1]], [view[2], view[3]]], { padding: 12, duration: 0 });
  for (const [sign, name, act] of [["+", "Nearer", () => map.zoomIn({ duration: 0 })], ["−", "Further away", () => map.zoomOut({ duration: 0 })], ["⤢", "All of it", whole]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = name;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    group.append(button);
  }
  return group;
}

function tellOnHover(map) {
  const popup = new maplibregl.Popup({ closeButton: false, closeOnClick: false, maxWidth: "18rem", focusAfterOpen: false });
  const told = { marks: "words", points: "at", others: "name", zones: "name", areas: "words", cells: "words" };
  map.on("mousemove", (event) => {
    const found = map.queryRenderedFeatures(event.point, { layers: Object.keys(told).filter((id) => map.getLayer(id)) })[0];
    const words = found && found.properties[told[found.layer.id]];
    map.getCanvas().classList.toggle("pointed", Boolean(words));
    if (words) popup.setLngLat(event.lngLat).setText(words).addTo(map);
    else popup.remove();
  });
  map.on("mouseout", () => popup.remove());
}

class Passage {
  // What the map shows at one moment, chosen by the slider or played.
  constructor(map, layers, player) {
    Object.assign(this, { map, way: layers.way, ships: [], areas: [], player });
    [this.play, this.slider, this.output] = ["button", "input", "output"].map((name) => player.querySelector(name));
    this.slider.min = this.way[0][0];
    this.slider.max = this.way.at(-1)[0];
    this.slider.value = this.slider.max;
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
    const sign = document.createElement("div");
    sign.className = "ship";
    this.ship = new maplibregl.Marker({ element: sign }).setLngLat(this.way.at(-1).slice(1, 3)).addTo(map);
    player.hidden = false;
    this.show(Number(this.slider.value));
  }
  at(moment) {
    let n = this.way.findIndex((point) => point[0] > moment) - 1;
    if (n < -1) n = this.way.length - 1;
    if (n < 0) n = 0;
    const [t, x, y, silent] = this.way[n], next = this.way[n + 1];
    if (silent || !next || moment <= t) return { x, y, silent: Boolean(silent && moment > t), since: t };
    const share = (moment - t) / (next[0] - t);
    return { x: x + share * (next[1] - x), y: y + share * (next[2] - y), silent: false, since: t };
  }
  show(moment) {
    const here = this.at(moment), words = `${said(moment)} UTC`;
    this.ship.setLngLat([here.x, here.y]);
    this.ship.getElement().classList.toggle("silent", here.silent);
    const near = this.ships.flatMap((ship) => {
      const point = nearest(ship.way, moment);
      return Math.abs(point[0] - moment) <= MOMENT_S ? [feature([point[1], point[2]], { name: ship.name })] : [];
    });
    if (this.areas.length) put(this.map, "areas", { type: "FeatureCollection", features: this.areas.map((one) => allowed(one, moment)) });
    if (this.ships.length) put(this.map, "others", { type: "FeatureCollection", features: near });
    const others = this.ships.length ? `; ${near.length} other ships heard` : "";
    this.output.textContent = `${words}: ${here.silent ? `silent since ${said(here.since)}; the ring is where she was heard last` : "under observation"}${others}`;
    this.slider.setAttribute("aria-valuetext", this.output.textContent);
  }
  start() {
    const begin = Number(this.slider.min), end = Number(this.slider.max);
    if (Number(this.slider.value) >= end) this.slider.value = begin;
    const step = Math.max(600, (end - begin) / 150);
    this.timer = setInterval(() => {
      this.slider.value = Number(this.slider.value) + step;
      this.show(Number(this.slider.value));
      if (Number(this.slider.value) >= end) this.stop();
    }, 120);
    this.told(true);
  }
  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.told(false);
  }
  told(playing) {
    this.play.textContent = playing ? "Pause" : "Play";
    this.play.setAttribute("aria-pressed", String(playing));
  }
}

const feature = (coordinates, properties) => ({ type: "Feature", geometry: { type: "Point", coordinates }, properties });

function nearest(way, moment) {
  let low = 0, high = way.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (way[middle][0] <= moment) low = middle;
    else high = middle;
  }
  return Math.abs(way[high][0] - moment) < Math.abs(way[low][0] - moment) ? way[high] : way[low];
}

// The water that a silence allows: within it that of the moment, before and after all of it.
function allowed(silence, moment) {
  if (moment <= silence.from || (silence.to && moment >= silence.to) || !silence.moments.length) return silence.whole;
  return silence.moments.reduce((one, other) => (Math.abs(other.at - moment) < Math.abs(one.at - moment) ? other : one)).area;
}

// The way of a ship, without the lines over which she was not heard.
function heardLines(ship) {
  const lines = [[]];
  ship.way.forEach((point, n) => {
    if (n && point[0] - ship.way[n - 1][0] > SILENT_S) lines.push([]);
    lines.at(-1).push(point.slice(1));
  });
  const drawn = lines.filter((line) => line.length > 1);
  return drawn.map((coordinates) => ({ type: "Feature", properties: { name: ship.name }, geometry: { type: "LineString", coordinates } }));
}

async function asked(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return answer.json();
}

async function showAlert(box) {
  const player = document.querySelector(".player"), told = document.querySelector(".others");
  const layers = await asked(box.dataset.layers);
  if (!layers.view) return;
  const map = drawMap(box, layers);
  const ready = new Promise((resolve) => map.once("idle", resolve));
  const passage = layers.way && player ? new Passage(map, layers, player) : null;
  const late = {};
  const redraw = () => {
    for (const [name, features] of Object.entries(late)) put(map, name, features);
    passage?.show(Number(passage.slider.value));
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    map.setStyle(mapStyle(layers), { diff: false });
    map.once("style.load", redraw);
  });
  await ready;
  if (box.dataset.areas && passage) {
    passage.areas = await asked(box.dataset.areas);
    passage.show(Number(passage.slider.value));
  }
  if (box.dataset.others && passage) {
    const others = await asked(box.dataset.others);
    passage.ships = others.ships;
    late.tracks = { type: "FeatureCollection", features: others.ships.flatMap(heardLines) };
    put(map, "tracks", late.tracks);
    passage.show(Number(passage.slider.value));
    const more = others.left_out ? `, and ${others.left_out} more that are not drawn` : "";
    const days = others.days < others.of_days ? ` on the first ${others.days} of ${others.of_days} days` : "";
    told.textContent = others.of_days ? `${others.ships.length} other ships were heard in these waters meanwhile${days}${more}; grey dots at the time of the slider.` : "No positions of others are in the lake for these days.";
  }
  box.setAttribute("data-complete", "true");
}

const box = document.getElementById("map");
if (box?.dataset.layers) showAlert(box).catch((error) => {
  box.textContent = `The map cannot be drawn (${error.message}). The table below tells the same.`;
});
