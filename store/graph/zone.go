package graph

import (
	"fmt"
	"time"
)

// ZoneError is a time zone that Go does not know, neither as it stands nor as
// a name of Windows.
type ZoneError struct{ Name string }

func (e *ZoneError) Error() string {
	return fmt.Sprintf("the time zone %.60q is neither in the IANA database nor one of Windows", e.Name)
}

// Zone is the IANA name of the time zone of a schedule. Graph's reference asks
// for IANA names, but a schedule may have come from elsewhere: names of
// Windows, as "W. Europe Standard Time", are mapped as CLDR does for the whole
// world. The error is a [ZoneError].
func Zone(name string) (string, error) {
	if known(name) {
		return name, nil
	}
	if iana := windowsZones[name]; known(iana) {
		return iana, nil
	}
	return "", &ZoneError{Name: name}
}

func known(zone string) bool {
	if zone == "" || zone == "Local" { // which Go takes for UTC and for the machine's own
		return false
	}
	_, err := time.LoadLocation(zone)
	return err == nil
}
