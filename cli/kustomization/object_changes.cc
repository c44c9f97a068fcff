// SPDX-License-Identifier: Apache-2.0
#include "cli/kustomization/object_changes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/plan/field_diff.h"
#include "cli/plan/masking.h"
#include "common/value/yaml.h"

namespace sluice::cli {
namespace {

Value Compared(Value object) {
  object.Erase("status");
  if (Value* metadata = object.FindMutable("metadata"); metadata != nullptr) {
    for (const char* field : {"managedFields", "resourceVersion", "uid", "generation",
                              "creationTimestamp", "selfLink"}) {
      metadata->Erase(field);
    }
  }
  return object;
}

// A value below its sign, each line with four blanks before.
std::string Shown(absl::string_view sign, const Value& value) {
  std::string out;
  const std::string text = value::FormatYaml(value);
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    absl::StrAppend(&out, "    ", sign, " ", line, "\n");
  }
  return out;
}

}  // namespace

std::string FormatChange(absl::string_view subject, absl::string_view action, const Style& style) {
  Style dressed = style;
  dressed.marks = true;
  return absl::StrCat(dressed.Of(Mark::kAction), subject, " ", action, "\n");
}

std::string FormatDrift(const Value& before, const Value& after, const Style& style) {
  const bool secret = after["kind"].str() == "Secret";
  std::string out;
  for (const plan::FieldChange& change : plan::DiffFields(Compared(before), Compared(after))) {
    const bool masked = secret && plan::HoldsSecretData(change.path);
    const Value old_value =
        masked && !change.before.is_null() ? Value("*** (before)") : change.before;
    const Value new_value = masked && !change.after.is_null() ? Value("*** (after)") : change.after;
    absl::StrAppend(&out, "\n", style.Bold(change.path), "\n",
                    change.before.is_null()  ? "  + added\n"
                    : change.after.is_null() ? "  - removed\n"
                                             : "  ± changed\n");
    if (!change.before.is_null()) absl::StrAppend(&out, Shown("-", old_value));
    if (!change.after.is_null()) absl::StrAppend(&out, Shown("+", new_value));
  }
  if (!out.empty()) out.push_back('\n');
  return out;
}

}  // namespace sluice::cli
