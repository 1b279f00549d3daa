package handlers

import (
	"encoding/json"
	"strings"

	"example.com/shiftswfi/batch"
)

// connect answers the call that Shifts makes when the workforce integration is
// created, which succeeds only on 200. That the body opens proves that both
// sides hold the same secret. Nothing needs to stand in the answer.
func (s *server) connect(c *callback) ([]byte, error) {
	plaintext, err := c.open()
	if err != nil {
		return nil, err
	}
	var body struct {
		TenantID string `json:"tenantId"`
	}
	if err := json.Unmarshal(plaintext, &body); err != nil {
		return nil, batch.ErrNotJSON
	}
	if c.integration.TenantID != "" && !strings.EqualFold(body.TenantID, c.integration.TenantID) {
		return nil, errOtherTenant
	}
	return nil, nil
}
