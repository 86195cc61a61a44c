package routing

import (
	"fmt"
	"time"

	"github.com/paymux/paymux/core/yamlfile"
)

// minutesADay is the end of the last hour, which only to may name.
const minutesADay = 24 * 60

// hours is a time of day by the clocks of one zone, from inclusive, to exclusive,
// in minutes after midnight. Where to is not after from it runs over midnight. Clocks that
// are put forward or back make it shorter or longer, as they do a working day.
type hours struct {
	zone     *time.Location
	from, to int
}

// hold reports whether the clocks of the zone show a time within the hours.
func (h *hours) hold(at time.Time) bool { return h.take(h.minute(at)) }

// take reports whether a minute of the day is within the hours.
func (h *hours) take(minute int) bool {
	if h.from < h.to {
		return h.from <= minute && minute < h.to
	}
	return minute >= h.from || minute < h.to
}

func (h *hours) minute(at time.Time) int {
	local := at.In(h.zone)
	return local.Hour()*60 + local.Minute()
}

// String reads as "between 08:00 and 18:00".
func (h *hours) String() string { return "between " + clock(h.from) + " and " + clock(h.to) }

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// zones are those that a hint may name: where the currencies and networks are.
var zones = []string{
	"Africa/Abidjan", "Africa/Accra", "Africa/Bamako", "Africa/Conakry", "Africa/Cotonou", "Africa/Dakar",
	"Africa/Douala", "Africa/Johannesburg", "Africa/Kampala", "Africa/Kigali", "Africa/Kinshasa", "Africa/Lagos", "Africa/Libreville",
	"Africa/Lome", "Africa/Nairobi", "Africa/Niamey", "Africa/Ouagadougou", "Europe/Berlin", "Europe/Istanbul",
	"Europe/London", "Europe/Paris", "UTC",
}

// readHours returns nil after reporting what cannot be read.
func readHours(node yamlfile.Node) *hours {
	if node.Kind() != yamlfile.Map {
		node.Errorf(`must be { tz: Africa/Abidjan, from: "08:00", to: "18:00" }`)
		return nil
	}
	values, absent := read(node, hoursKeys), false
	for _, key := range hoursKeys {
		if _, ok := values[key]; !ok {
			node.Missing(key, `required, as in { tz: Africa/Abidjan, from: "08:00", to: "18:00" }`)
			absent = true
		}
	}
	if absent {
		return nil
	}
	zone, known := readZone(values["tz"])
	from, starts := readClock(values["from"], minutesADay-1)
	to, ends := readClock(values["to"], minutesADay)
	if !known || !starts || !ends {
		return nil
	}
	if from == to || to-from == minutesADay {
		node.Errorf("from %s to %s is no part of a day: leave hours out for all of it", clock(from), clock(to))
		return nil
	}
	return &hours{zone: zone, from: from, to: to}
}

// readZone refuses Local and the empty name, which are another zone on another machine.
func readZone(node yamlfile.Node) (*time.Location, bool) {
	name, ok := node.Text()
	if !ok {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		hint := ", such as Africa/Abidjan or UTC"
		if near := yamlfile.Nearest(name, zones); near != "" {
			hint = " (did you mean " + near + "?)"
		}
		node.Errorf("%s is not a time zone%s", yamlfile.Quote(name), hint)
		return nil, false
	}
	return zone, true
}

// readClock returns the minute of a time such as 08:00, at most latest.
func readClock(node yamlfile.Node, latest int) (int, bool) {
	text, minute := node.Raw(), 0
	if len(text) == len("00:00") && text[2] == ':' && digits(text[:2]) && digits(text[3:]) {
		minute = int(text[0]-'0')*600 + int(text[1]-'0')*60 + int(text[3]-'0')*10 + int(text[4]-'0')
		if text[3] < '6' && minute <= latest {
			return minute, true
		}
	}
	node.Errorf("must be a time from 00:00 to %s, in quotes and with four digits", clock(latest))
	return 0, false
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
