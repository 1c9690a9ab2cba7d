package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// A document is what the SBOM says of the program itself.
type document struct{ name, version, date string }

// The parts of an SPDX document (SPDX 2.3, annex "JSON Serialization"). What is
// not known is NOASSERTION, a word of that standard.
type (
	spdxDocument struct {
		SPDXVersion   string             `json:"spdxVersion"`
		DataLicense   string             `json:"dataLicense"`
		SPDXID        string             `json:"SPDXID"`
		Name          string             `json:"name"`
		Namespace     string             `json:"documentNamespace"`
		CreationInfo  spdxCreation       `json:"creationInfo"`
		Packages      []spdxPackage      `json:"packages"`
		Relationships []spdxRelationship `json:"relationships"`
	}
	spdxCreation struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}
	spdxPackage struct {
		Name             string          `json:"name"`
		SPDXID           string          `json:"SPDXID"`
		VersionInfo      string          `json:"versionInfo"`
		DownloadLocation string          `json:"downloadLocation"`
		FilesAnalyzed    bool            `json:"filesAnalyzed"`
		LicenseConcluded string          `json:"licenseConcluded"`
		LicenseDeclared  string          `json:"licenseDeclared"`
		CopyrightText    string          `json:"copyrightText"`
		ExternalRefs     []spdxReference `json:"externalRefs,omitempty"`
	}
	spdxReference struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}
	spdxRelationship struct {
		Element string `json:"spdxElementId"`
		Type    string `json:"relationshipType"`
		Related string `json:"relatedSpdxElement"`
	}
)

const unknown = "NOASSERTION"

func (d document) spdx(modules []module) spdxDocument {
	// The namespace must be unique, and the same for the same program.
	content := sha256.New()
	fmt.Fprintln(content, d, modules)
	doc := spdxDocument{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT", Name: d.name + " " + d.version,
		Namespace:    fmt.Sprintf("https://gatelight.invalid/spdx/%s/%x", d.name, content.Sum(nil)[:16]),
		CreationInfo: spdxCreation{d.date, []string{"Tool: gatelight-packaging-linked"}},
		Packages:     []spdxPackage{packageOf("SPDXRef-program", d.name, d.version, "MIT")},
		Relationships: []spdxRelationship{
			{"SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-program"},
		},
	}
	for i, m := range modules {
		p := packageOf(fmt.Sprintf("SPDXRef-module-%d", i), m.Path, m.Version, unknown)
		p.ExternalRefs = []spdxReference{{"PACKAGE-MANAGER", "purl", packageURL(m)}}
		doc.Packages = append(doc.Packages, p)
		doc.Relationships = append(doc.Relationships, spdxRelationship{"SPDXRef-program", "CONTAINS", p.SPDXID})
	}
	return doc
}

func packageOf(id, name, version, licence string) spdxPackage {
	return spdxPackage{Name: name, SPDXID: id, VersionInfo: version, DownloadLocation: unknown,
		LicenseConcluded: licence, LicenseDeclared: licence, CopyrightText: unknown}
}

// packageURL names a module as scanners for known weaknesses do (purl, type
// golang; the standard library is a package of that name).
func packageURL(m module) string {
	if m.Path == "go" {
		return "pkg:golang/stdlib@" + m.Version
	}
	return "pkg:golang/" + strings.ToLower(m.Path) + "@" + m.Version
}
