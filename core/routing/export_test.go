package routing

// Keys are the keys that the parser knows, by the definition of the schema that
// must name the same ones.
func Keys() map[string][]string {
	return map[string][]string{
		"": rootKeys, "rule": ruleKeys, "match": matchKeys, "amount": amountKeys, "match.customer": customerKeys,
		"match.hours": hoursKeys, "use": useKeys, "default": defaultKeys, "failover": failoverKeys, "test": testKeys,
		"given": givenKeys, "given.customer": customerKeys,
	}
}

// Words are the words that the parser knows, by the definition of the schema that
// must list the same ones.
func Words() map[string][]string {
	var cascading []string
	for _, reason := range reasons {
		if reason.Cascades() {
			cascading = append(cascading, string(reason))
		}
	}
	return map[string][]string{"kind": kinds, "method": methods, "network": networks, "reason": cascading}
}
