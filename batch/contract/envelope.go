package contract

var envelopeChecks = []Check{}
