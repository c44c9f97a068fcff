// format.dns1123Label() and the others: named forms of strings and what is wrong with one.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/cel/document_formats.h"
#include "common/cel/function.h"
#include "common/cel/regex.h"
#include "common/cel/strings.h"
#include "common/cel/url.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;
using Complaints = std::vector<std::string>;

constexpr size_t kMaxLabel = 63;
constexpr size_t kMaxSubdomain = 253;

#define SLUICE_LABEL "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
constexpr absl::string_view kLabel = SLUICE_LABEL;
constexpr absl::string_view kSubdomain = SLUICE_LABEL "(\\." SLUICE_LABEL ")*";
#undef SLUICE_LABEL
constexpr absl::string_view kLabel1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
constexpr absl::string_view kQualifiedPart = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
constexpr absl::string_view kLabelValue = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";
constexpr absl::string_view kUuid =
    "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}";

bool FullyMatches(absl::string_view text, absl::string_view pattern) {
  const auto regex = CompileRegex(absl::StrCat("^(?:", pattern, ")$"));
  return regex.ok() && regex->MatchesIn(text);
}

// "<what> (e.g. 'a',  or 'b', regex used for validation is '…')", as apimachinery words it.
std::string RegexComplaint(absl::string_view what,
                           std::initializer_list<absl::string_view> examples,
                           absl::string_view pattern) {
  std::string text = absl::StrCat(what, " (e.g. ");
  bool first = true;
  for (const absl::string_view example : examples) {
    absl::StrAppend(&text, first ? "" : " or ", "'", example, "', ");
    first = false;
  }
  return absl::StrCat(text, "regex used for validation is '", pattern, "')");
}

void CheckLength(absl::string_view text, size_t limit, Complaints& complaints) {
  if (text.size() > limit) {
    complaints.push_back(absl::StrCat("must be no more than ", limit, " characters"));
  }
}

// A prefix may end in a dash, which something follows: its last two characters count as one letter.
std::string WithoutTrailingDash(absl::string_view text) {
  if (text.size() < 2 || text.back() != '-') return std::string(text);
  return absl::StrCat(text.substr(0, text.size() - 2), "a");
}

Complaints Label(absl::string_view text) {
  Complaints complaints;
  CheckLength(text, kMaxLabel, complaints);
  if (!FullyMatches(text, kLabel)) {
    complaints.push_back(RegexComplaint(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
        "must start and end with an alphanumeric character",
        {"my-name", "123-abc"}, kLabel));
  }
  return complaints;
}
Complaints LabelPrefix(absl::string_view text) { return Label(WithoutTrailingDash(text)); }

Complaints Subdomain(absl::string_view text) {
  Complaints complaints;
  CheckLength(text, kMaxSubdomain, complaints);
  if (!FullyMatches(text, kSubdomain)) {
    complaints.push_back(RegexComplaint(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
        "'.', and must start and end with an alphanumeric character",
        {"example.com"}, kSubdomain));
  }
  return complaints;
}
Complaints SubdomainPrefix(absl::string_view text) { return Subdomain(WithoutTrailingDash(text)); }

Complaints Label1035(absl::string_view text) {
  Complaints complaints;
  CheckLength(text, kMaxLabel, complaints);
  if (!FullyMatches(text, kLabel1035)) {
    complaints.push_back(RegexComplaint(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
        "alphabetic character, and end with an alphanumeric character",
        {"my-name", "abc-123"}, kLabel1035));
  }
  return complaints;
}
Complaints Label1035Prefix(absl::string_view text) { return Label1035(WithoutTrailingDash(text)); }

constexpr absl::string_view kQualifiedRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character";
std::string QualifiedComplaint(absl::string_view subject) {
  return RegexComplaint(absl::StrCat(subject, kQualifiedRule), {"MyName", "my.name", "123-abc"},
                        kQualifiedPart);
}

Complaints QualifiedName(absl::string_view text) {
  Complaints complaints;
  absl::string_view name = text;
  const size_t slash = text.find('/');
  if (slash != absl::string_view::npos) {
    name = text.substr(slash + 1);
    if (absl::StrContains(name, '/')) {
      return {absl::StrCat(QualifiedComplaint("a qualified name "),
                           " with an optional DNS subdomain prefix and '/' (e.g. "
                           "'example.com/MyName')")};
    }
    const absl::string_view prefix = text.substr(0, slash);
    if (prefix.empty()) {
      complaints.push_back("prefix part must be non-empty");
    } else {
      for (const std::string& complaint : Subdomain(prefix)) {
        complaints.push_back(absl::StrCat("prefix part ", complaint));
      }
    }
  }
  if (name.empty()) {
    complaints.push_back("name part must be non-empty");
  } else if (name.size() > kMaxLabel) {
    complaints.push_back(absl::StrCat("name part must be no more than ", kMaxLabel, " characters"));
  }
  if (!FullyMatches(name, kQualifiedPart)) complaints.push_back(QualifiedComplaint("name part "));
  return complaints;
}

Complaints LabelValue(absl::string_view text) {
  Complaints complaints;
  CheckLength(text, kMaxLabel, complaints);
  if (!FullyMatches(text, kLabelValue)) {
    complaints.push_back(RegexComplaint(
        absl::StrCat("a valid label must be an empty string or consist of alphanumeric "
                     "characters, '-', '_' or '.', and must start and end with an alphanumeric "
                     "character"),
        {"MyValue", "my_value", "12345"}, kLabelValue));
  }
  return complaints;
}

Complaints Uri(absl::string_view text) {
  const auto url = Url::Parse(text);
  return url.ok() ? Complaints() : Complaints{std::string(url.status().message())};
}
Complaints Uuid(absl::string_view text) {
  if (FullyMatches(text, kUuid)) return {};
  return {"does not match the UUID format"};
}
Complaints Base64(absl::string_view text) {
  std::string bytes;
  if (!text.empty() && text.size() % 4 == 0 && absl::Base64Unescape(text, &bytes)) return {};
  return {"invalid base64"};
}
Complaints Date(absl::string_view text) {
  Arena scratch(1024);
  return DateFromDocument(text, scratch).is_error() ? Complaints{"invalid date"} : Complaints();
}
Complaints DateTime(absl::string_view text) {
  Arena scratch(1024);
  const bool good = text.size() > 10 && !TimeFromDocument(text, scratch).is_error();
  return good ? Complaints() : Complaints{"invalid datetime"};
}

struct Form {
  absl::string_view name;
  Complaints (*check)(absl::string_view text);
  uint64_t regex_size;  // for the cost
};
constexpr Form kForms[] = {
    {"dns1123Label", Label, 30},
    {"dns1123Subdomain", Subdomain, 60},
    {"dns1035Label", Label1035, 30},
    {"qualifiedName", QualifiedName, 60},
    {"dns1123LabelPrefix", LabelPrefix, 30},
    {"dns1123SubdomainPrefix", SubdomainPrefix, 60},
    {"dns1035LabelPrefix", Label1035Prefix, 30},
    {"labelValue", LabelValue, 40},
    {"uri", Uri, 1103},
    {"uuid", Uuid, 70},
    {"byte", Base64, 84},
    {"date", Date, 72},
    {"datetime", DateTime, 72},
};

class NamedFormat : public Opaque {
 public:
  explicit NamedFormat(const Form& form) : form_(form) {}
  absl::string_view type_name() const override { return "kubernetes.NamedFormat"; }
  bool Equals(const Opaque& other) const override {
    return form_.name == static_cast<const NamedFormat&>(other).form_.name;
  }
  std::string ToString() const override { return std::string(form_.name); }
  uint64_t size() const override { return form_.regex_size; }
  const Form& form() const { return form_; }

 private:
  const Form& form_;
};

template <size_t index>
Value TheFormat(Args, Arena& arena) {
  return Value::OfOpaque(arena.New<NamedFormat>(kForms[index]));
}

Value Named(Args args, Arena& arena) {
  if (!args[0].is_string()) return NoMatch();
  for (const Form& form : kForms) {
    if (form.name == args[0].text()) {
      return Value::Some(Value::OfOpaque(arena.New<NamedFormat>(form)), arena);
    }
  }
  return Value::None();
}

Value Validate(Args args, Arena& arena) {
  if (args[0].kind() != Kind::kOpaque || args[0].opaque().type_name() != "kubernetes.NamedFormat" ||
      !args[1].is_string()) {
    return NoMatch();
  }
  const Form& form = static_cast<const NamedFormat&>(args[0].opaque()).form();
  const Complaints complaints = form.check(args[1].text());
  if (complaints.empty()) return Value::None();
  Value* const items = arena.AllocateArray<Value>(complaints.size());
  for (size_t i = 0; i < complaints.size(); ++i) {
    items[i] = Value::String(arena.Copy(complaints[i]));
  }
  return Value::Some(MakeList(items, complaints.size(), arena), arena);
}

template <size_t... indexes>
std::vector<Function> FormatConstants(std::index_sequence<indexes...>) {
  std::vector<Function> functions;
  const auto add = [&](const Form& form, Implementation call) {
    const std::string name = absl::StrCat("format.", form.name);
    const std::string signature = absl::StrCat(name, ": -> kubernetes.NamedFormat");
    functions.emplace_back(name, std::vector<absl::string_view>{signature}, call);
  };
  (add(kForms[indexes], TheFormat<indexes>), ...);
  return functions;
}

}  // namespace

std::vector<Function> NamedFormatFunctions() {
  std::vector<Function> functions = FormatConstants(std::make_index_sequence<std::size(kForms)>());
  functions.push_back(
      {"format.named", {"format-named: string -> optional(kubernetes.NamedFormat)"}, Named});
  functions.push_back(
      {"validate",
       {"format-validate: .kubernetes.NamedFormat, string -> optional(list(string))"},
       Validate});
  for (Function& function : functions) function.needs = &Features::kubernetes;
  return functions;
}

}  // namespace sluice::cel
