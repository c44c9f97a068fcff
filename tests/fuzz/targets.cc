// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.h"

#include <cstdio>
#include <cstdlib>

namespace sluice::fuzz {

void FuzzAge(absl::string_view input);             // age.cc
void FuzzCel(absl::string_view input);             // cel.cc
void FuzzGotmplParse(absl::string_view input);     // gotmpl_parse.cc
void FuzzGotmplRun(absl::string_view input);       // gotmpl_run.cc
void FuzzHelmArchive(absl::string_view input);     // helm_archive.cc
void FuzzHelmChart(absl::string_view input);       // helm_chart.cc
void FuzzHelmIndex(absl::string_view input);       // helm_index.cc
void FuzzHelmValues(absl::string_view input);      // helm_values.cc
void FuzzImageSetters(absl::string_view input);    // image_setters.cc
void FuzzJson(absl::string_view input);            // json.cc
void FuzzJsonPatch(absl::string_view input);       // json_patch.cc
void FuzzJsonSchema(absl::string_view input);      // jsonschema.cc
void FuzzKustomization(absl::string_view input);   // kustomization.cc
void FuzzReplacements(absl::string_view input);    // replacements.cc
void FuzzSops(absl::string_view input);            // sops.cc
void FuzzSignatures(absl::string_view input);      // signatures.cc
void FuzzStrategicMerge(absl::string_view input);  // strategic_merge.cc
void FuzzYaml(absl::string_view input);            // yaml.cc

std::span<const Target> Targets() {
  static constexpr Target kTargets[] = {
      {"age", FuzzAge},
      {"cel", FuzzCel},
      {"gotmpl_parse", FuzzGotmplParse},
      {"gotmpl_run", FuzzGotmplRun},
      {"helm_archive", FuzzHelmArchive},
      {"helm_chart", FuzzHelmChart},
      {"helm_index", FuzzHelmIndex},
      {"helm_values", FuzzHelmValues},
      {"image_setters", FuzzImageSetters},
      {"json", FuzzJson},
      {"json_patch", FuzzJsonPatch},
      {"jsonschema", FuzzJsonSchema},
      {"kustomization", FuzzKustomization},
      {"replacements", FuzzReplacements},
      {"sops", FuzzSops},
      {"signatures", FuzzSignatures},
      {"strategic_merge", FuzzStrategicMerge},
      {"yaml", FuzzYaml},
  };
  return kTargets;
}

void Require(bool holds, const char* what, absl::string_view detail) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n%.*s\n", what, static_cast<int>(detail.size()),
               detail.data());
  std::abort();
}

}  // namespace sluice::fuzz
