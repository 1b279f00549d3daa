package handlers

// A Mode says how changes that are made in Shifts are treated.
type Mode string

// The modes. The zero Mode is TwoWay.
const (
	TwoWay   Mode = "two-way"   // decided by the rules, and kept if approved
	ReadOnly Mode = "read-only" // refused: the WFM is changed elsewhere
	Mirror   Mode = "mirror"    // approved and kept; what the rules say is logged
)

// Entities are the names by which modes can differ within an integration:
// those of Graph's supportedEntities, in the order of the tables of kinds.
func Entities() []string {
	var names []string
	for _, kind := range append(updateKinds[:len(updateKinds):len(updateKinds)], userKinds...) {
		names = append(names, kind.name)
	}
	return names
}

// mode is that of an entity, or the integration's.
func (i *Integration) mode(entity string) Mode {
	if mode, ok := i.Modes[entity]; ok {
		return mode
	}
	if i.Mode == "" {
		return TwoWay
	}
	return i.Mode
}
