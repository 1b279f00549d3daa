package contract

var batchChecks = []Check{}
