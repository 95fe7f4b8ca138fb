// Reads calendars (a JSON list of texts on stdin) with ical.js and tells what each says, as JSON.
import ICAL from "ical.js";

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone); // the zone as we write it, not one that node knows
  }
  return {
    method: calendar.getFirstPropertyValue("method"),
    events: calendar.getAllSubcomponents("vevent").map((component) => {
      const event = new ICAL.Event(component);
      const people = (name) =>
        component.getAllProperties(name).map((line) => [line.getFirstValue(), line.getParameter("partstat") ?? null]);
      return {
        uid: event.uid,
        sequence: event.sequence,
        stamp: component.getFirstPropertyValue("dtstamp").toUnixTime(),
        start: event.startDate.toUnixTime(),
        end: event.endDate.toUnixTime(),
        wall: [event.startDate.toString(), event.endDate.toString()],
        zone: event.startDate.zone.tzid,
        summary: event.summary,
        location: event.location,
        description: event.description,
        status: component.getFirstPropertyValue("status"),
        organizers: people("organizer"),
        attendees: people("attendee"),
      };
    }),
  };
}

let input = "";
for await (const chunk of process.stdin.setEncoding("utf8")) input += chunk;
process.stdout.write(JSON.stringify(JSON.parse(input).map(read)));
