// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/tables/table.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/human_duration.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/kinds/conversion.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/json_path.h"
#include "common/devapi/tables/printers.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

// What the API documentation says of metadata.name and metadata.creationTimestamp.
constexpr absl::string_view kNameText =
    "Name must be unique within a namespace. Is required when creating resources, although some "
    "resources may allow a client to request the generation of an appropriate name automatically. "
    "Name is primarily intended for creation idempotence and configuration definition. Cannot be "
    "updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
constexpr absl::string_view kAgeText =
    "CreationTimestamp is a timestamp representing the server time when this object was created. "
    "It "
    "is not guaranteed to be set in happens-before order across separate operations. Clients may "
    "not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the "
    "system. Read-only. Null for lists. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

Value Definition(const PrinterColumn& column) {
  return Value{{"name", column.name},
               {"type", column.type},
               {"format", column.format},
               {"description", column.description},
               {"priority", column.priority}};
}

const Value& BuiltinColumns(const Resource& resource) {
  static const Value* const kColumns = new Value(BuiltinKinds::Columns());
  const std::string path =
      absl::StrCat(resource.group.empty() ? "/api/" : absl::StrCat("/apis/", resource.group, "/"),
                   resource.version, "/", resource.plural);
  return (*kColumns)[path];
}

// The columns of a custom resource that declares none.
std::vector<PrinterColumn> DefaultColumns() {
  return {{"Age", "date", "", std::string(kAgeText), 0, ".metadata.creationTimestamp"}};
}

Value ColumnDefinitions(const Resource& resource) {
  Value columns = Value::EmptyArray();
  if (resource.custom == nullptr) {
    for (const Value& column : BuiltinColumns(resource).items()) {
      Value described = column;
      if (!described.Has("description")) described.Set("description", "");
      columns.Append(std::move(described));
    }
    if (!columns.empty()) return columns;
    columns.Append(Definition({"Name", "string", "name", "", 0, ""}));
    columns.Append(Definition({"Created At", "date", "", "", 0, ""}));
    return columns;
  }
  columns.Append(Definition({"Name", "string", "name", std::string(kNameText), 0, ""}));
  const auto& declared = resource.custom->columns;
  for (const PrinterColumn& column : declared.empty() ? DefaultColumns() : declared) {
    Value definition = Definition(column);
    if (column.description.empty()) {
      definition.Set("description",
                     absl::StrCat("Custom resource definition column (in JSONPath format): ",
                                  column.json_path));
    }
    columns.Append(std::move(definition));
  }
  return columns;
}

// A found value as a column of `type` shows it; null if it is of another kind.
Value Cell(const std::string& type, const Value& found, absl::Time now) {
  if (type == "integer") {
    if (found.is_integer()) return found;
    if (found.kind() == Value::Kind::kDouble) {
      return static_cast<int64_t>(std::trunc(found.double_or(0)));
    }
    return nullptr;
  }
  if (type == "number") return found.is_number() ? found : Value();
  if (type == "boolean") return found.is_bool() ? found : Value();
  if (type == "date") {
    if (!found.is_string()) return nullptr;
    const absl::StatusOr<absl::Time> time = ParseRfc3339(found.str());
    return time.ok() ? Value(HumanDuration(now - *time)) : Value("<invalid>");
  }
  if (found.is_string()) return found;
  return found.is_null() ? Value("<nil>")
                         : Value(value::FormatJson(found, {.indent = 0, .escape_html = false}));
}

struct CustomColumns {
  std::vector<PrinterColumn> columns;
  std::vector<JsonPath> paths;
};

CustomColumns ParseColumns(const Resource& resource) {
  CustomColumns result;
  result.columns = resource.custom->columns;
  if (result.columns.empty()) result.columns = DefaultColumns();
  for (size_t i = 0; i < result.columns.size(); ++i) {
    absl::StatusOr<JsonPath> path = JsonPath::Parse(result.columns[i].json_path);
    if (!path.ok()) {
      // The reference shows what comes before the first path that it cannot read.
      result.columns.resize(i);
      break;
    }
    result.paths.push_back(*std::move(path));
  }
  return result;
}

void PrintCustom(const CustomColumns& custom, const Value& object, absl::Time now,
                 Value::Array& cells) {
  cells.push_back(object["metadata"]["name"]);
  for (size_t i = 0; i < custom.columns.size(); ++i) {
    // "." alone shows nothing, though ".." shows the whole object.
    if (custom.columns[i].json_path == ".") {
      cells.emplace_back();
      continue;
    }
    const std::vector<const Value*> found = custom.paths[i].Find(object);
    cells.push_back(found.empty() ? Value() : Cell(custom.columns[i].type, *found.front(), now));
  }
}

Value RowOf(const Resource& resource, const Value& object, RowObject what, Value::Array cells) {
  Value row = {{"cells", Value(std::move(cells))}};
  switch (what) {
    case RowObject::kNone:
      row.Set("object", nullptr);
      break;
    case RowObject::kMetadata:
      row.Set("object", PartialMetadata(object));
      break;
    case RowObject::kObject: {
      Value whole = object;
      whole.Set("apiVersion", resource.api_version());
      whole.Set("kind", resource.kind);
      row.Set("object", std::move(whole));
      break;
    }
  }
  return row;
}

}  // namespace

Value PartialMetadata(const Value& object) {
  return Value{{"kind", "PartialObjectMetadata"},
               {"apiVersion", "meta.k8s.io/v1"},
               {"metadata", object["metadata"]}};
}

std::string TableJson(const Resource& resource, std::span<const ObjectRef> objects,
                      const Value& metadata, const TableRequest& request) {
  CustomColumns custom;
  if (resource.custom != nullptr) custom = ParseColumns(resource);
  const Printer printer = FindPrinter(resource.group_resource().ToString());
  Value rows = Value::EmptyArray();
  for (const ObjectRef& object : objects) {
    Value::Array cells;
    if (resource.custom != nullptr) {
      PrintCustom(custom, object->value(), request.now, cells);
    } else if (printer != nullptr) {
      printer(object->value(), request.now, cells);
    } else {
      const Value& created = object->value()["metadata"]["creationTimestamp"];
      cells = {object->name(), created};
      // Kinds with more columns than we know how to fill show their name alone.
      cells.resize(std::max<size_t>(2, BuiltinColumns(resource).size()));
    }
    rows.Append(RowOf(resource, FromStorage(resource, object->value()), request.row_object,
                      std::move(cells)));
  }
  const Value table = {
      {"kind", "Table"},
      {"apiVersion", "meta.k8s.io/v1"},
      {"metadata", metadata},
      {"columnDefinitions", request.headers ? ColumnDefinitions(resource) : Value::EmptyArray()},
      {"rows", std::move(rows)}};
  return value::FormatJson(table);
}

}  // namespace sluice::devapi
