// SPDX-License-Identifier: Apache-2.0
//
// Sequences of writes, replayed on the pure parts of the server and compared with what a real API
// server stored and who it says owns what.
#include "common/devapi/ownership/field_ownership.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/devapi/builtin_defaults/defaults.h"
#include "common/devapi/builtin_defaults/prepare.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/builtin_validation/validation.h"
#include "common/devapi/schema/go_codec.h"
#include "common/devapi/schema/prune.h"
#include "common/devapi/schema/validate.h"
#include "common/devapi/schema/strategic_merge.h"
#include "common/devapi/testdata.h"
#include "common/testing/status_matchers.h"
#include "common/value/json_patch.h"
#include "common/value/merge_patch.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::StatusIs;
using ::sluice::value::FormatJson;
using ::sluice::value::ParseJson;

// What one write led to: an object, or why it was refused.
struct Outcome {
  Value object;
  std::string error;
  FieldErrors errors;
};

// One object of one kind, and the way of a write through the server.
class ReplayedObject {
 public:
  ReplayedObject(const BuiltinKinds& kinds, const CustomSchema& custom, const Value& first)
      : kinds_(kinds), custom_(custom) {
    api_version_ = std::string(first["apiVersion"].str());
    kind_ = std::string(first["kind"].str());
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(api_version_, absl::MaxSplits('/', 1));
    group_ = parts.second.empty() ? "" : parts.first;
    version_ = parts.second.empty() ? parts.first : parts.second;
    is_custom_ = group_ == "test.io";
    schema_ = is_custom_ ? custom.root : kinds.SchemaOf(group_, version_, kind_);
    REQUIRE(schema_ != nullptr);
    for (const BuiltinKind& kind : kinds.kinds()) {
      if (kind.group != group_ || kind.version != version_ || kind.kind != kind_) continue;
      for (const BuiltinSubresource& sub : kind.subresources) {
        has_status_ = has_status_ || sub.name == "status";
      }
    }
    has_status_ = has_status_ || is_custom_;
  }

  Outcome Write(const Value& step, absl::Time now) {
    const absl::string_view op = step["op"].str();
    const absl::string_view subresource = step["subresource"].str();
    const FieldManager fields(OptionsFor(subresource));
    Value object;
    if (op == "apply") {
      absl::StatusOr<Applied> applied = fields.Apply(stored_, step["body"], step["manager"].str(),
                                                     step["force"].bool_or(false), now);
      if (!applied.ok()) return {Value(), std::string(applied.status().message()), {}};
      if (!applied->conflicts.empty()) {
        Outcome outcome{Value(), applied->message, {}};
        for (const ApplyConflict& conflict : applied->conflicts) {
          outcome.errors.push_back({"FieldManagerConflict", conflict.field, conflict.Message()});
        }
        return outcome;
      }
      object = std::move(applied->object);
    } else {
      const absl::StatusOr<Value> changed = Changed(op, step["body"]);
      if (!changed.ok()) return {Value(), std::string(changed.status().message()), {}};
      object = Decode(*changed);
      object = fields.Update(stored_, object, step["manager"].str(), now);
    }
    return Store(std::move(object), subresource == "status");
  }

 private:
  absl::StatusOr<Value> Changed(absl::string_view op, const Value& body) const {
    if (op == "create") return body;
    if (op == "json") return value::ApplyJsonPatch(stored_, body);
    if (op == "strategic") return StrategicMerge(*schema_, stored_, body);
    return value::ApplyMergePatch(stored_, body);
  }

  Value Decode(Value object) const {
    if (!is_custom_) {
      Value decoded = GoDecode(*schema_, object).value().value;
      ApplyBuiltinDefaults(group_, version_, kind_, decoded);
      return decoded;
    }
    std::vector<std::string> unknown = PruneUnknown(*schema_, object);
    DropNulls(*schema_, object);
    REQUIRE(GoDecodeMetadata(*schema_, kinds_.object_meta(), object, unknown).ok());
    ApplyDefaults(*schema_, object);
    return object;
  }

  FieldManagerOptions OptionsFor(absl::string_view subresource) const {
    FieldManagerOptions options;
    options.api_version = api_version_;
    options.kind = kind_;
    options.subresource = std::string(subresource);
    options.schema = schema_;
    if (subresource == "status") {
      options.reset_fields = {{"spec"}};
      if (kind_ == "Deployment") options.reset_fields.push_back({"metadata", "labels"});
    } else if (has_status_) {
      options.reset_fields = {{"status"}};
    }
    options.finish = [this](Value object) -> absl::StatusOr<Value> {
      if (!is_custom_) return Decode(std::move(object));
      ApplyDefaults(*schema_, object);
      return object;
    };
    if (!is_custom_) {
      options.empty =
          GoDecode(*schema_, Value{{"apiVersion", api_version_}, {"kind", kind_}}).value().value;
    }
    return options;
  }

  Outcome Store(Value object, bool is_status) {
    const bool creates = stored_.is_null();
    Value& metadata = object.Ensure("metadata");
    metadata.Set("namespace", "recorded");
    metadata.Set("uid", "the-uid");
    if (metadata["resourceVersion"].is_null()) metadata.Set("resourceVersion", "1");
    const BuiltinType type = {group_, version_, kind_, schema_, has_status_};
    if (is_status) {
      PrepareStatusUpdate(is_custom_, stored_, object);
    } else if (is_custom_) {
      if (creates) object.Erase("status");
      if (!creates && stored_.Has("status")) object.Set("status", Value(stored_["status"]));
    } else if (creates) {
      PrepareBuiltinCreate(type, absl::FromUnixSeconds(1000), object);
    } else {
      PrepareBuiltinUpdate(type, stored_, object);
    }
    Outcome outcome;
    if (is_custom_) {
      outcome.errors =
          ValidateCustomObject(custom_, object, {.old_object = creates ? nullptr : &stored_});
    } else if (creates) {
      outcome.errors = ValidateBuiltinCreate(group_, version_, kind_, true, object);
    } else if (!is_status) {
      outcome.errors = ValidateBuiltinUpdate(group_, version_, kind_, true, stored_, object);
    }
    if (!outcome.errors.empty()) return outcome;
    if (is_custom_) DropNulls(*schema_, object);
    stored_ = object;
    outcome.object = std::move(object);
    return outcome;
  }

  const BuiltinKinds& kinds_;
  const CustomSchema& custom_;
  std::string api_version_, kind_, group_, version_;
  const Schema* schema_ = nullptr;
  bool is_custom_ = false;
  bool has_status_ = false;
  Value stored_;
};

// The owners of an object, by name, without times.
Value Owners(const Value& object) {
  Value result = Value::EmptyObject();
  for (const Value& entry : object["metadata"]["managedFields"].items()) {
    result.Set(absl::StrCat(entry["manager"].str(), " ", entry["operation"].str(), " ",
                            entry["apiVersion"].str(), " ", entry["subresource"].str()),
               entry["fieldsV1"]);
  }
  return result;
}

// An object without what the server sets on its own.
Value Content(Value object) {
  Value& metadata = object.Ensure("metadata");
  for (const char* field : {"managedFields", "uid", "resourceVersion", "creationTimestamp",
                            "generation", "namespace"}) {
    metadata.Erase(field);
  }
  if (object["kind"].str() == "Service") {
    for (const char* field : {"clusterIP", "clusterIPs"}) object.Ensure("spec").Erase(field);
  }
  return object;
}

std::vector<std::string> Texts(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) {
    texts.push_back(absl::StrCat(error.reason, " ", ToString(error)));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

// The lines of a message, sorted: the reference names several fields in no particular order.
std::vector<std::string> Lines(absl::string_view text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::sort(lines.begin(), lines.end());
  return lines;
}

FieldErrors CausesOf(const Value& recorded) {
  FieldErrors errors;
  for (const Value& one : recorded.items()) {
    errors.push_back(
        {std::string(one.at(0).str()), std::string(one.at(1).str()), std::string(one.at(2).str())});
  }
  return errors;
}

TEST_CASE("writes leave the fields and the owners that the real API server leaves", "[devapi]") {
  const BuiltinKinds kinds;
  const auto custom =
      CompileCustomSchema(RecordedAnswers("custom.json")["schema"], kinds.object_meta()).value();
  const Value recorded = RecordedAnswers("apply.json");
  REQUIRE(recorded.size() > 10);
  for (const Value& scenario : recorded.items()) {
    const std::string name(scenario["name"].str());
    ReplayedObject object(kinds, *custom, scenario["steps"].at(0)["body"]);
    int64_t second = 0;
    for (const Value& step : scenario["steps"].items()) {
      CAPTURE(name, second, step["op"].str(), FormatJson(step["body"]));
      const Outcome outcome = object.Write(step, absl::FromUnixSeconds(1000 + ++second));
      if (step.Has("error")) {
        CHECK(outcome.object.is_null());
        CHECK(Texts(outcome.errors) == Texts(CausesOf(step["error"]["causes"])));
        // The server keeps the reason of a failed JSON patch to itself.
        if (step["op"].str() == "json") {
          CHECK(outcome.error != "");
        } else if (!outcome.error.empty()) {
          CHECK(Lines(outcome.error) == Lines(step["error"]["message"].str()));
        }
        continue;
      }
      CHECK(outcome.error == "");
      CHECK(Texts(outcome.errors) == std::vector<std::string>());
      CHECK(FormatJson(Owners(outcome.object)) == FormatJson(Owners(step["result"])));
      CHECK(FormatJson(Content(outcome.object)) == FormatJson(Content(step["result"])));
    }
  }
}

}  // namespace
}  // namespace sluice::devapi
