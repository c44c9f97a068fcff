// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/message_objects.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sluice::image_controller {
namespace {

using gotmpl::Call;
using gotmpl::Field;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::List;
using gotmpl::Map;
using gotmpl::Record;
using gotmpl::Type;
using gotmpl::Value;
using image_setters::Change;
using image_setters::ObjectChanges;
using image_setters::ObjectId;
namespace types = gotmpl::types;

Value Struct(const Type& type, std::vector<Value> fields) {
  return Value::ObjectOf(type, std::make_shared<Record>(std::move(fields)));
}

// Parts of an object's key in a map, between NULs, which sort before everything else.
std::string KeyText(const ObjectId& id) {
  const absl::string_view separator("\0", 1);
  return absl::StrCat(id.api_version, separator, id.kind, separator, id.name, separator, id.ns);
}

// The field of a struct in the field `outer` of a struct in the only field of the receiver.
Function Promoted(absl::string_view name, size_t outer, size_t inner) {
  return {.name = name,
          .result = &types::kString,
          .code = [outer, inner](Call& call) -> absl::StatusOr<Value> {
            return call[0].field(0).field(outer).field(inner);
          }};
}

std::string NamespacedNameText(const Value& value) {
  return absl::StrCat(value.field(0).text(), "/", value.field(1).text());
}

Value ObjectKeyOf(absl::string_view key);

// The types name each other, so one object holds them.
struct MessageTypes {
  MessageTypes();

  const std::vector<Field> name_fields = {{"Namespace", &types::kString},
                                          {"Name", &types::kString}};
  const Type name = {.kind = Kind::kStruct,
                     .name = "types.NamespacedName",
                     .fields = name_fields,
                     .text = NamespacedNameText};

  const std::vector<Field> type_meta_fields = {{"APIVersion", &types::kString},
                                               {"Kind", &types::kString}};
  const Type type_meta = {
      .kind = Kind::kStruct, .name = "yaml.TypeMeta", .fields = type_meta_fields};
  const std::vector<Field> name_meta_fields = {{"Name", &types::kString},
                                               {"Namespace", &types::kString}};
  const Type name_meta = {
      .kind = Kind::kStruct, .name = "yaml.NameMeta", .fields = name_meta_fields};
  const std::vector<Field> resource_fields = {{"TypeMeta", &type_meta}, {"NameMeta", &name_meta}};
  const Type resource = {
      .kind = Kind::kStruct, .name = "yaml.ResourceIdentifier", .fields = resource_fields};
  const std::vector<Field> object_fields = {{"ResourceIdentifier", &resource}};
  const std::vector<Function> object_methods = {Promoted("APIVersion", 0, 0),
                                                Promoted("Kind", 0, 1), Promoted("Name", 1, 0),
                                                Promoted("Namespace", 1, 1)};
  const Type object = {.kind = Kind::kStruct,
                       .name = "update.ObjectIdentifier",
                       .fields = object_fields,
                       .methods = object_methods};

  const std::vector<Field> change_fields = {
      {"OldValue", &types::kString}, {"NewValue", &types::kString}, {"Setter", &types::kString}};
  const Type change = {.kind = Kind::kStruct, .name = "update.Change", .fields = change_fields};
  const Type changes = {.kind = Kind::kSlice, .name = "[]update.Change", .elem = &change};
  const Type objects = {
      .kind = Kind::kMap, .name = "update.ObjectChanges", .elem = &changes, .map_key = ObjectKeyOf};
  const Type files = {
      .kind = Kind::kMap, .name = "map[string]update.ObjectChanges", .elem = &objects};
  const std::vector<Field> result_fields = {{"FileChanges", &files}};
  std::vector<Function> result_methods;
  Type result;
  std::vector<Field> data_fields;
  Type data;
};

const MessageTypes& Types() {
  static const MessageTypes* const kTypes = new MessageTypes();
  return *kTypes;
}

Value ObjectKeyOf(absl::string_view key) {
  const MessageTypes& types = Types();
  const std::vector<std::string> parts = absl::StrSplit(key, '\0');
  const auto text = [&parts](size_t i) {
    return Value::String(i < parts.size() ? parts[i] : std::string());
  };
  return Struct(types.object,
                {Struct(types.resource, {Struct(types.type_meta, {text(0), text(1)}),
                                         Struct(types.name_meta, {text(2), text(3)})})});
}

Value ChangeObject(const Change& change) {
  return Struct(Types().change, {Value::String(change.old_value), Value::String(change.new_value),
                                 Value::String(change.setter)});
}

Value ObjectsObject(const ObjectChanges& changes) {
  Map objects;
  for (const auto& [id, list] : changes) {
    List items;
    for (const Change& change : list) items.push_back(ChangeObject(change));
    objects[KeyText(id)] = Value::ListOf(Types().changes, std::move(items));
  }
  return Value::MapOf(Types().objects, std::move(objects));
}

// A change set, with what its methods give.
class ResultObject : public Record {
 public:
  ResultObject(Value files, const MessageData& data) : Record({std::move(files)}), data_(data) {}

  // By object, over all files.
  Value Objects() const {
    ObjectChanges merged;
    for (const auto& [file, objects] : data_.changes) {
      for (const auto& [id, changes] : objects) {
        std::vector<Change>& list = merged[id];
        list.insert(list.end(), changes.begin(), changes.end());
      }
    }
    return ObjectsObject(merged);
  }

  // Each once, in the order of files and objects.
  Value Changes() const {
    std::set<std::tuple<std::string, std::string, std::string>> seen;
    List list;
    for (const auto& [file, objects] : data_.changes) {
      for (const auto& [id, changes] : objects) {
        for (const Change& change : changes) {
          if (seen.emplace(change.old_value, change.new_value, change.setter).second) {
            list.push_back(ChangeObject(change));
          }
        }
      }
    }
    return Value::ListOf(Types().changes, std::move(list));
  }

 private:
  const MessageData& data_;
};

const ResultObject& ResultOf(Call& call) {
  return static_cast<const ResultObject&>(*call[0].object());
}

MessageTypes::MessageTypes()
    : result_methods(
          {{.name = "Changes",
            .result = &changes,
            .code = [](Call& call) -> absl::StatusOr<Value> { return ResultOf(call).Changes(); }},
           {.name = "Objects",
            .result = &objects,
            .code = [](Call& call) -> absl::StatusOr<Value> { return ResultOf(call).Objects(); }}}),
      result({.kind = Kind::kStruct,
              .name = "update.ResultV2",
              .fields = result_fields,
              .methods = result_methods}),
      data_fields(
          {{"AutomationObject", &name}, {"Changed", &result}, {"Values", &types::kStringMap}}),
      data({.kind = Kind::kStruct, .name = "source.TemplateData", .fields = data_fields}) {}

}  // namespace

Value MessageObject(const MessageData& data) {
  const MessageTypes& types = Types();
  Map files;
  for (const auto& [file, objects] : data.changes) files[file] = ObjectsObject(objects);
  Map values;
  for (const auto& [key, value] : data.values) values[key] = Value::String(value);
  const Value changed = Value::ObjectOf(
      types.result,
      std::make_shared<ResultObject>(Value::MapOf(types.files, std::move(files)), data));
  return Struct(
      types.data,
      {Struct(types.name, {Value::String(data.automation.ns), Value::String(data.automation.name)}),
       changed, Value::MapOf(gotmpl::types::kStringMap, std::move(values))});
}

}  // namespace sluice::image_controller
