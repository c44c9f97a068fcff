// SPDX-License-Identifier: Apache-2.0
#include "cli/get/listing.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/connection.h"
#include "cli/table.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::cli {
namespace {

std::string LowerKind(const KindView& view) { return absl::AsciiStrToLower(view.resource); }

std::vector<Column> ColumnsOf(const KindView& view, const ListingOptions& options) {
  std::vector<Column> columns = view.columns;
  if (!options.wide) return columns;
  if (view.resource == "Kustomization" || view.resource == "HelmRelease") {
    columns.insert(columns.begin() + 1, Column::kSource);
  }
  columns.insert(columns.end() - 1, Column::kAge);
  return columns;
}

// What is printed; managed fields are of no use to a reader.
Value Shown(const Value& object) {
  Value shown = object;
  if (Value* metadata = shown.FindMutable("metadata")) metadata->Erase("managedFields");
  return shown;
}

}  // namespace

std::string FormatListing(std::span<const Section> sections, const ListingOptions& options,
                          absl::Time now, const Style& style) {
  std::string out;
  for (const Section& section : sections) {
    if (section.objects.empty()) continue;
    const std::vector<Column> columns = ColumnsOf(*section.view, options);
    Table table;
    if (options.with_namespace) table.header.push_back("Namespace");
    for (const Column column : columns) table.header.emplace_back(ColumnTitle(column));
    for (const kube::ObjectPtr& object : section.objects) {
      std::vector<std::string> row;
      if (options.with_namespace) row.emplace_back(kube::Namespace(*object));
      for (const Column column : columns) {
        std::string cell = Cell(*object, *section.view, column, now, style);
        if (column == Column::kName && options.with_kind) {
          cell = absl::StrCat(LowerKind(*section.view), "/", cell);
        }
        row.push_back(std::move(cell));
      }
      table.rows.push_back(std::move(row));
    }
    if (!out.empty()) out.push_back('\n');
    absl::StrAppend(&out, FormatTable(table, options.with_header, style));
  }
  return out;
}

std::string FormatObjects(std::span<const Section> sections, absl::string_view format,
                          bool single) {
  if (format == "name") {
    std::string out;
    for (const Section& section : sections) {
      for (const kube::ObjectPtr& object : section.objects) {
        absl::StrAppend(&out, LowerKind(*section.view), ".", section.view->Resource().group, "/",
                        kube::Name(*object), "\n");
      }
    }
    return out;
  }
  Value items = Value::EmptyArray();
  for (const Section& section : sections) {
    for (const kube::ObjectPtr& object : section.objects) items.Append(Shown(*object));
  }
  const Value document = single && items.size() == 1
                             ? items.at(0)
                             : Value({{"apiVersion", "v1"}, {"kind", "List"}, {"items", items}});
  if (format == "yaml") return value::FormatYaml(document);
  return value::FormatJson(document, {.indent = 2, .escape_html = false}) + "\n";
}

absl::StatusOr<StatusSelector> StatusSelector::Parse(absl::string_view text) {
  StatusSelector selector;
  const size_t sign = text.find('=');
  if (sign == absl::string_view::npos || sign == 0 || sign + 1 == text.size() ||
      text.find('=', sign + 1) != absl::string_view::npos) {
    return UsageError(
        absl::StrCat("status selector \"", text, "\" is neither type=status nor type!=status"));
  }
  selector.equal = text[sign - 1] != '!';
  selector.type = std::string(text.substr(0, selector.equal ? sign : sign - 1));
  selector.status = absl::AsciiStrToLower(text.substr(sign + 1));
  if (selector.type.empty()) return UsageError("the status selector names no condition type");
  return selector;
}

bool StatusSelector::Matches(const Value& object) const {
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() != type) continue;
    return (absl::AsciiStrToLower(condition["status"].str()) == status) == equal;
  }
  return !equal;
}

}  // namespace sluice::cli
