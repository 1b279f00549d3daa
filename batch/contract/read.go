package contract

var readChecks = []Check{}
