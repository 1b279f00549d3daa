package contract

var timeChecks = []Check{}
