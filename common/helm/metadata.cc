// SPDX-License-Identifier: Apache-2.0
#include "common/helm/metadata.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/go_decoder.h"
#include "common/semver/version.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"
#include "common/value/yaml.h"

namespace sluice::helm {
namespace {

void ReadDependency(const Value& document, absl::string_view go_package, GoDecoder& decoder,
                    Dependency& dependency) {
  decoder.Struct(document, "Dependency", absl::StrCat(go_package, ".Dependency"),
                 [&](absl::string_view key, const Value& value) {
                   if (key == "name") decoder.Text(value, dependency.name);
                   if (key == "version") decoder.Text(value, dependency.version);
                   if (key == "repository") decoder.Text(value, dependency.repository);
                   if (key == "condition") decoder.Text(value, dependency.condition);
                   if (key == "tags") decoder.Texts(value, dependency.tags);
                   if (key == "enabled") decoder.Bool(value, dependency.enabled);
                   if (key == "alias") decoder.Text(value, dependency.alias);
                   if (key == "import-values" && decoder.List(value, "[]interface {}")) {
                     dependency.import_values.assign(value.items().begin(), value.items().end());
                   }
                 });
}

void ReadMaintainer(const Value& document, absl::string_view go_package, GoDecoder& decoder,
                    Maintainer& maintainer) {
  decoder.Struct(document, "Maintainer", absl::StrCat(go_package, ".Maintainer"),
                 [&](absl::string_view key, const Value& value) {
                   if (key == "name") decoder.Text(value, maintainer.name);
                   if (key == "email") decoder.Text(value, maintainer.email);
                   if (key == "url") decoder.Text(value, maintainer.url);
                 });
}

std::string Sanitized(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const text::Decoded next = text::DecodeFirst(text);
    if (text::IsSpace(next.character)) {
      out += ' ';
    } else if (text::IsPrintable(next.character)) {
      out.append(text.data(), next.size);
    }
    text.remove_prefix(next.size);
  }
  return out;
}

void Sanitize(std::string& text) { text = Sanitized(text); }

absl::Status Invalid(absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat("validation: ", message));
}

absl::Status CheckAlias(const Dependency& dependency) {
  if (std::all_of(dependency.alias.begin(), dependency.alias.end(),
                  [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; })) {
    return absl::OkStatus();
  }
  return Invalid(absl::StrCat("dependency ", text::Quote(dependency.name),
                              " has disallowed characters in the alias"));
}

absl::Status CheckDependencies(Metadata& metadata) {
  std::set<std::string> names;
  for (Dependency& dependency : metadata.dependencies) {
    for (std::string* text :
         {&dependency.name, &dependency.version, &dependency.repository, &dependency.condition}) {
      Sanitize(*text);
    }
    for (std::string& tag : dependency.tags) Sanitize(tag);
    RETURN_IF_ERROR(CheckAlias(dependency));
    const std::string& name = dependency.alias.empty() ? dependency.name : dependency.alias;
    if (!names.insert(name).second) {
      return Invalid(
          absl::StrCat("more than one dependency with name or alias ", text::Quote(name)));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckName(const std::string& name) {
  if (name.empty()) return Invalid("chart.metadata.name is required");
  if (name == "." || name == "..") {
    return Invalid(absl::StrCat("chart.metadata.name ", text::Quote(name), " is not allowed"));
  }
  if (absl::StrContains(name, '/')) {
    return Invalid(absl::StrCat("chart.metadata.name ", text::Quote(name), " is invalid"));
  }
  return absl::OkStatus();
}

}  // namespace

bool Metadata::is_library() const { return absl::EqualsIgnoreCase(type, "library"); }

absl::Status ReadMetadata(absl::string_view text, Dialect dialect, Metadata& metadata) {
  const absl::StatusOr<Value> document = value::ParseYaml(text);
  if (!document.ok()) return Annotate(document.status(), "error converting YAML to JSON");
  const absl::string_view go_package = dialect == Dialect::kHelm3 ? "chart" : "v2";
  GoDecoder decoder;
  bool null_maintainer = false;
  bool null_dependency = false;
  decoder.Struct(
      *document, "Metadata", absl::StrCat(go_package, ".Metadata"),
      [&](absl::string_view key, const Value& value) {
        if (key == "name") decoder.Text(value, metadata.name);
        if (key == "home") decoder.Text(value, metadata.home);
        if (key == "sources") decoder.Texts(value, metadata.sources);
        if (key == "version") decoder.Text(value, metadata.version);
        if (key == "description") decoder.Text(value, metadata.description);
        if (key == "keywords") decoder.Texts(value, metadata.keywords);
        if (key == "icon") decoder.Text(value, metadata.icon);
        if (key == "apiversion") decoder.Text(value, metadata.api_version);
        if (key == "condition") decoder.Text(value, metadata.condition);
        if (key == "tags") decoder.Text(value, metadata.tags);
        if (key == "appversion") decoder.Text(value, metadata.app_version);
        if (key == "deprecated") decoder.Bool(value, metadata.deprecated);
        if (key == "annotations") decoder.TextMap(value, metadata.annotations);
        if (key == "kubeversion") decoder.Text(value, metadata.kube_version);
        if (key == "type") decoder.Text(value, metadata.type);
        if (key == "maintainers" &&
            decoder.List(value, absl::StrCat("[]*", go_package, ".Maintainer"))) {
          metadata.maintainers.clear();
          for (const Value& item : value.items()) {
            null_maintainer = null_maintainer || item.is_null();
            ReadMaintainer(item, go_package, decoder, metadata.maintainers.emplace_back());
          }
        }
        if (key == "dependencies" &&
            decoder.List(value, absl::StrCat("[]*", go_package, ".Dependency"))) {
          metadata.declares_dependencies = true;
          metadata.dependencies.clear();
          for (const Value& item : value.items()) {
            null_dependency = null_dependency || item.is_null();
            ReadDependency(item, go_package, decoder, metadata.dependencies.emplace_back());
          }
        }
      });
  RETURN_IF_ERROR(decoder.status());
  metadata.has_null_maintainer = null_maintainer;
  metadata.has_null_dependency = null_dependency;
  return absl::OkStatus();
}

absl::Status ValidateMetadata(Metadata& metadata) {
  for (std::string* text :
       {&metadata.name, &metadata.description, &metadata.home, &metadata.icon, &metadata.condition,
        &metadata.tags, &metadata.app_version, &metadata.kube_version}) {
    Sanitize(*text);
  }
  for (std::string& source : metadata.sources) Sanitize(source);
  for (std::string& keyword : metadata.keywords) Sanitize(keyword);
  if (metadata.api_version.empty()) return Invalid("chart.metadata.apiVersion is required");
  RETURN_IF_ERROR(CheckName(metadata.name));
  if (metadata.version.empty()) return Invalid("chart.metadata.version is required");
  if (!semver::Version::Parse(metadata.version).ok()) {
    return Invalid(
        absl::StrCat("chart.metadata.version ", text::Quote(metadata.version), " is invalid"));
  }
  if (!metadata.type.empty() && metadata.type != "application" && metadata.type != "library") {
    return Invalid("chart.metadata.type must be application or library");
  }
  if (metadata.has_null_maintainer) {
    return Invalid("maintainers must not contain empty or null nodes");
  }
  for (Maintainer& maintainer : metadata.maintainers) {
    for (std::string* text : {&maintainer.name, &maintainer.email, &maintainer.url}) {
      Sanitize(*text);
    }
  }
  if (metadata.has_null_dependency) {
    return Invalid("dependencies must not contain empty or null nodes");
  }
  return CheckDependencies(metadata);
}

}  // namespace sluice::helm
