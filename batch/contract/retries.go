package contract

var retryChecks = []Check{}
