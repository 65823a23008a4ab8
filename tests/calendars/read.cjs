// Reads calendars with ical.js: a JSON list of texts in, for each a list of entries out. One process for many calendars.
"use strict";
const ICAL = require(process.argv[2]);

const instant = (time) => (time.isDate ? time.toString() : time.toUnixTime());
const value = (component, name) => component.getFirstPropertyValue(name);
const list = (component, name) => component.getAllProperties(name).flatMap((property) => property.getValues()).join(",");

function entries(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return [
      event.uid, event.summary, event.description, event.location, instant(event.startDate), instant(event.endDate),
      value(component, "status"), value(component, "sequence"), list(component, "categories"), value(component, "url"),
    ];
  });
}

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (part) => { input += part; });
process.stdin.on("end", () => process.stdout.write(JSON.stringify(JSON.parse(input).map(entries))));
