package contract

var hygieneChecks = []Check{}
