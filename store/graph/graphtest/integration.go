package graphtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// supportedEntities and eligibilityEntities are the values of Graph's flags,
// in the order of their numbers. What comes after unknownFutureValue is shown
// to those who ask for it.
var (
	supportedEntities = []string{
		"shift", "swapRequest", "userShiftPreferences", "openShift", "openShiftRequest", "offerShiftRequest",
		unknown, "timeCard", "timeOffReason", "timeOff", "timeOffRequest",
	}
	eligibilityEntities = []string{"swapRequest", "offerShiftRequest", unknown, "timeOffReason"}
)

const unknown = "unknownFutureValue"

// Integration is a workforce integration as the Server keeps it. The entities
// are in lowerCamel, in Graph's order.
type Integration struct {
	ID                string
	DisplayName       string
	APIVersion        int
	IsActive          bool
	URL               string
	Secret            string // what Shifts seals its callbacks with
	SupportedEntities []string
	Eligibility       []string // eligibilityFilteringEnabledEntities
}

// Integrations are those that there are, in the order of their creation.
func (s *Server) Integrations() []Integration {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := make([]Integration, len(s.integrations))
	for i, integration := range s.integrations {
		copies[i] = *integration
	}
	return copies
}

// Secret is the current secret of an integration: with it a test can play
// Shifts. It is "" if there is no such integration.
func (s *Server) Secret(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if integration := s.integration(id); integration != nil {
		return integration.Secret
	}
	return ""
}

// integration needs the lock.
func (s *Server) integration(id string) *Integration {
	i := slices.IndexFunc(s.integrations, func(i *Integration) bool { return i.ID == id })
	if i < 0 {
		return nil
	}
	return s.integrations[i]
}

// show is an integration as a reply has it.
func (s *Server) show(call call, i *Integration) map[string]any {
	all := slices.Contains(strings.Split(call.Header.Get("Prefer"), ","), "include-unknown-enum-members")
	shown := map[string]any{
		"id": i.ID, "displayName": i.DisplayName, "apiVersion": i.APIVersion, "isActive": i.IsActive, "url": i.URL,
		"encryption":        map[string]any{"protocol": "sharedSecret", "secret": nil},
		"supportedEntities": showFlags(i.SupportedEntities, supportedEntities, all),
		"createdDateTime":   "2026-12-01T09:00:00Z", "lastModifiedDateTime": "2026-12-01T09:00:00Z", "lastModifiedBy": nil,
	}
	if !s.config.DropEligibilityInV1 || call.beta() {
		shown["eligibilityFilteringEnabledEntities"] = showFlags(i.Eligibility, eligibilityEntities, all)
	}
	return shown
}

func showFlags(values, known []string, all bool) string {
	var shown []string
	for _, value := range values {
		if !all && slices.Index(known, value) > slices.Index(known, unknown) {
			value = unknown
		}
		if !slices.Contains(shown, value) {
			shown = append(shown, value)
		}
	}
	return cmp.Or(strings.Join(shown, ","), "none")
}

func (s *Server) listIntegrations(call call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := make([]any, len(s.integrations))
	for i, integration := range s.integrations {
		items[i] = s.show(call, integration)
	}
	return s.page(call, items)
}

func (s *Server) getIntegration(call call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	integration := s.integration(call.PathValue("id"))
	if integration == nil {
		return noIntegration()
	}
	return answer{http.StatusOK, s.show(call, integration)}
}

func noIntegration() answer {
	return refuseNested(http.StatusNotFound, "NotFound", "Workforce integration not found.")
}

func (s *Server) createIntegration(call call) answer {
	for _, name := range []string{"displayName", "apiVersion", "url", "encryption", "supportedEntities"} {
		if _, ok := call.body[name]; !ok {
			return invalid("The property '%s' is required.", name)
		}
	}
	integration := &Integration{}
	if problem := s.change(call, integration); problem != nil {
		return *problem
	}
	if problem := s.connect(call, integration); problem != nil {
		return *problem
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.created++
	integration.ID = fmt.Sprintf("WFI_00000000-0000-4000-8000-%012d", s.created)
	s.integrations = append(s.integrations, integration)
	return answer{cmp.Or(s.config.CreateStatus, http.StatusCreated), s.show(call, integration)}
}

func (s *Server) updateIntegration(call call) answer {
	s.mu.Lock()
	current := s.integration(call.PathValue("id"))
	if current == nil {
		s.mu.Unlock()
		return noIntegration()
	}
	changed := *current
	s.mu.Unlock()
	before := changed
	if problem := s.change(call, &changed); problem != nil {
		return *problem
	}
	if s.config.ConnectOnUpdate && (changed.URL != before.URL || changed.APIVersion != before.APIVersion || changed.Secret != before.Secret) {
		if problem := s.connect(call, &changed); problem != nil {
			return *problem
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	*current = changed
	return answer{http.StatusOK, s.show(call, current)}
}

func (s *Server) deleteIntegration(call call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	integration := s.integration(call.PathValue("id"))
	if integration == nil {
		return noIntegration()
	}
	s.integrations = slices.DeleteFunc(s.integrations, func(i *Integration) bool { return i == integration })
	return answer{status: http.StatusNoContent}
}

// connect is called without the lock: the endpoint may take its time.
func (s *Server) connect(call call, i *Integration) *answer {
	if s.config.Connect == nil {
		return nil
	}
	if err := s.config.Connect(call.Context(), i.URL, i.APIVersion, i.Secret); err != nil {
		return new(refuseNested(http.StatusBadRequest, "BadRequest", "The workforce integration's endpoint did not answer the connect request with 200."))
	}
	return nil
}

func invalid(format string, arguments ...any) answer {
	return refuse(http.StatusBadRequest, "BadRequest", fmt.Sprintf(format, arguments...))
}

// change applies a body to an integration, or says what is wrong with it.
func (s *Server) change(call call, i *Integration) *answer {
	var sent struct {
		DisplayName *string
		APIVersion  *int
		IsActive    *bool
		URL         *string
		Encryption  *struct{ Protocol, Secret string }
		Supported   *string `json:"supportedEntities"`
		Eligibility *string `json:"eligibilityFilteringEnabledEntities"`
	}
	for name := range call.body {
		if !slices.Contains([]string{"displayName", "apiVersion", "isActive", "url", "encryption", "supportedEntities", "eligibilityFilteringEnabledEntities"}, name) {
			return new(invalid("The property '%s' does not exist on type 'microsoft.graph.workforceIntegration'.", name))
		}
	}
	text, _ := json.Marshal(call.body) // as it was decoded
	if json.Unmarshal(text, &sent) != nil {
		return new(invalid("A value has the wrong type."))
	}
	if sent.DisplayName != nil {
		i.DisplayName = *sent.DisplayName
	}
	if sent.IsActive != nil {
		i.IsActive = *sent.IsActive
	}
	if sent.APIVersion != nil {
		if i.APIVersion = *sent.APIVersion; i.APIVersion < 1 {
			return new(invalid("The apiVersion has to be 1 or more."))
		}
	}
	if sent.URL != nil {
		if i.URL = *sent.URL; !callable(i.URL) {
			return new(invalid("The url has to be an absolute https URL."))
		}
	}
	if sent.Encryption != nil {
		if i.Secret = sent.Encryption.Secret; sent.Encryption.Protocol != "sharedSecret" || len(i.Secret) != 64 {
			return new(invalid("The encryption secret has to have 64 characters."))
		}
	}
	if sent.Supported != nil {
		if problem := setFlags(&i.SupportedEntities, *sent.Supported, supportedEntities); problem != nil {
			return problem
		}
	}
	if sent.Eligibility != nil {
		var eligibility []string
		if problem := setFlags(&eligibility, *sent.Eligibility, eligibilityEntities); problem != nil {
			return problem
		}
		if !s.config.DropEligibilityInV1 || call.beta() {
			i.Eligibility = eligibility
		}
	}
	return nil
}

// callable takes plain http for endpoints on this machine, which tests run.
func callable(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && u.Hostname() == "127.0.0.1")
}

// setFlags reads values as Graph does: each begins with a capital, and a blank
// may follow a comma.
func setFlags(set *[]string, text string, known []string) *answer {
	var values []string
	for value := range strings.SplitSeq(text, ",") {
		value = strings.TrimSpace(value)
		if value == "None" {
			continue
		}
		i := slices.IndexFunc(known, func(name string) bool { return strings.ToUpper(name[:1])+name[1:] == value })
		if i < 0 || known[i] == unknown {
			return new(invalid("Requested value '%s' was not found.", text))
		}
		values = append(values, known[i])
	}
	slices.SortFunc(values, func(a, b string) int { return slices.Index(known, a) - slices.Index(known, b) })
	*set = slices.Compact(values)
	return nil
}
