// SPDX-License-Identifier: Apache-2.0
#include "common/helm/package.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/archive/gzip.h"
#include "common/archive/tar_writer.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"
#include "common/value/yaml.h"

namespace sluice::helm {
namespace {

// Marks archives as Helm's (helm.sh/helm/v4 4.2, chart/v2/util/save.go).
constexpr char kGzipExtra[] = "+aHR0cHM6Ly95b3V0dS5iZS96OVV6MWljandyTQo=";

void SetText(Value& object, absl::string_view key, const std::string& text) {
  if (!text.empty()) object.Set(key, text);
}

void SetTexts(Value& object, absl::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  Value list = Value::EmptyArray();
  for (const std::string& text : texts) list.Append(text);
  object.Set(key, std::move(list));
}

Value EncodeDependency(const Dependency& dependency) {
  Value object = {{"name", dependency.name}, {"repository", dependency.repository}};
  SetText(object, "version", dependency.version);
  SetText(object, "condition", dependency.condition);
  SetTexts(object, "tags", dependency.tags);
  if (dependency.enabled) object.Set("enabled", true);
  if (!dependency.import_values.empty()) {
    object.Set("import-values", Value(Value::Array(dependency.import_values)));
  }
  SetText(object, "alias", dependency.alias);
  return object;
}

// The place of a file in the archive.
int Rank(absl::string_view name) {
  if (name == "Chart.lock") return 1;
  if (name == "values.yaml") return 2;
  if (name == "values.schema.json") return 3;
  if (absl::StartsWith(name, "templates/")) return 4;
  return absl::StartsWith(name, "charts/") ? 6 : 5;
}

}  // namespace

std::string FormatMetadata(const Metadata& metadata) {
  Value object = Value::EmptyObject();
  SetText(object, "name", metadata.name);
  SetText(object, "home", metadata.home);
  SetTexts(object, "sources", metadata.sources);
  SetText(object, "version", metadata.version);
  SetText(object, "description", metadata.description);
  SetTexts(object, "keywords", metadata.keywords);
  for (const Maintainer& maintainer : metadata.maintainers) {
    Value person = Value::EmptyObject();
    SetText(person, "name", maintainer.name);
    SetText(person, "email", maintainer.email);
    SetText(person, "url", maintainer.url);
    if (!object.Has("maintainers")) object.Set("maintainers", Value::EmptyArray());
    object.FindMutable("maintainers")->Append(std::move(person));
  }
  SetText(object, "icon", metadata.icon);
  SetText(object, "apiVersion", metadata.api_version);
  SetText(object, "condition", metadata.condition);
  SetText(object, "tags", metadata.tags);
  SetText(object, "appVersion", metadata.app_version);
  if (metadata.deprecated) object.Set("deprecated", true);
  for (const auto& [key, text] : metadata.annotations) object.Ensure("annotations").Set(key, text);
  SetText(object, "kubeVersion", metadata.kube_version);
  if (metadata.api_version != "v1") {
    for (const Dependency& dependency : metadata.dependencies) {
      if (!object.Has("dependencies")) object.Set("dependencies", Value::EmptyArray());
      object.FindMutable("dependencies")->Append(EncodeDependency(dependency));
    }
  }
  SetText(object, "type", metadata.type);
  return value::FormatYaml(object);
}

absl::StatusOr<std::string> Package(const Metadata& metadata, const std::vector<ChartFile>& files,
                                    absl::Time time) {
  const std::string& name = metadata.name;
  if (name.empty() || name == "." || name == ".." || absl::StrContains(name, "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("chart.metadata.name ", text::Quote(name), " is invalid"));
  }
  std::vector<const ChartFile*> sorted;
  for (const ChartFile& file : files) {
    if (file.name != "Chart.yaml") sorted.push_back(&file);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const ChartFile* a, const ChartFile* b) {
    return std::make_pair(Rank(a->name), absl::string_view(a->name)) <
           std::make_pair(Rank(b->name), absl::string_view(b->name));
  });
  const ChartFile chart_yaml = {"Chart.yaml", FormatMetadata(metadata)};
  sorted.insert(sorted.begin(), &chart_yaml);

  std::string bytes;
  archive::GzipStyle style;
  style.extra = kGzipExtra;
  style.comment = "Helm";
  archive::GzipWriter gzip(
      [&bytes](absl::string_view piece) {
        bytes.append(piece.data(), piece.size());
        return absl::OkStatus();
      },
      style);
  archive::TarWriter tar([&gzip](absl::string_view piece) { return gzip.Write(piece); });
  for (const ChartFile* file : sorted) {
    archive::TarEntry entry;
    entry.name = absl::StrCat(name, "/", file->name);
    entry.mode = 0644;
    entry.size = file->data.size();
    entry.mtime = absl::ToUnixSeconds(time);
    RETURN_IF_ERROR(tar.Begin(entry));
    RETURN_IF_ERROR(tar.Write(file->data));
  }
  RETURN_IF_ERROR(tar.Finish());
  RETURN_IF_ERROR(gzip.Finish());
  return bytes;
}

}  // namespace sluice::helm
