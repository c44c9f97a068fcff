// SPDX-License-Identifier: Apache-2.0
//
// Objects of built-in kinds through the whole chain of a create: decoded, defaulted, prepared,
// validated, and compared with what a real API server stored or answered.
#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/devapi/builtin_defaults/defaults.h"
#include "common/devapi/builtin_defaults/prepare.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/builtin_validation/validation.h"
#include "common/devapi/schema/go_codec.h"
#include "common/devapi/testdata.h"
#include "common/value/merge_patch.h"

namespace sluice::devapi {
namespace {

using ::sluice::value::FormatJson;

struct Outcome {
  std::string refused;
  FieldErrors errors;
  std::vector<std::string> unknown;
  Value object;
};

const BuiltinKind* FindKind(const BuiltinKinds& kinds, absl::string_view group,
                            absl::string_view version, absl::string_view kind) {
  for (const BuiltinKind& candidate : kinds.kinds()) {
    if (candidate.group == group && candidate.version == version && candidate.kind == kind) {
      return &candidate;
    }
  }
  return nullptr;
}

Outcome Create(const BuiltinKinds& kinds, const Value& sent) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(sent["apiVersion"].str(), absl::MaxSplits('/', 1));
  const bool core = parts.second.empty();
  const std::string group = core ? "" : parts.first;
  const std::string version = core ? parts.first : parts.second;
  const std::string kind(sent["kind"].str());
  const BuiltinKind* const found = FindKind(kinds, group, version, kind);
  REQUIRE(found != nullptr);
  const Schema* const schema = kinds.SchemaOf(group, version, kind);
  REQUIRE(schema != nullptr);

  Outcome outcome;
  absl::StatusOr<GoDecoded> decoded = GoDecode(*schema, sent);
  if (!decoded.ok()) {
    outcome.refused = absl::StrCat(kind, " in version \"", version, "\" cannot be handled as a ",
                                   kind, ": ", decoded.status().message());
    return outcome;
  }
  outcome.unknown = decoded->unknown;
  Value object = std::move(decoded->value);
  object.Ensure("metadata").Set("uid", "the-uid");
  if (found->namespaced) object.Ensure("metadata").Set("namespace", "recorded");
  ApplyBuiltinDefaults(group, version, kind, object);
  const bool has_status =
      std::any_of(found->subresources.begin(), found->subresources.end(),
                  [](const BuiltinSubresource& sub) { return sub.name == "status"; });
  PrepareBuiltinCreate({group, version, kind, schema, has_status}, absl::FromUnixSeconds(1000),
                       object);
  outcome.errors = ValidateBuiltinCreate(group, version, kind, found->namespaced, object);
  for (const char* field : {"uid", "namespace"}) object.Ensure("metadata").Erase(field);
  outcome.object = std::move(object);
  return outcome;
}

// `text` with what looks like a uid replaced by the uid that Create() gives.
std::string WithoutUid(std::string text) {
  for (size_t i = 1; i + 36 <= text.size(); ++i) {
    const bool is_uid = text[i + 8] == '-' && text[i + 13] == '-' && text[i + 18] == '-' &&
                        text[i + 23] == '-' && text[i - 1] == '"';
    if (is_uid) text.replace(i, 36, "the-uid");
  }
  return text;
}

std::vector<std::string> Texts(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) {
    texts.push_back(WithoutUid(absl::StrCat(error.reason, " ", ToString(error))));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

FieldErrors ErrorsOf(const Value& recorded) {
  FieldErrors errors;
  for (const Value& one : recorded.items()) {
    errors.push_back(
        {std::string(one.at(0).str()), std::string(one.at(1).str()), std::string(one.at(2).str())});
  }
  return errors;
}

// What is in one list only, marked with whose it is.
std::vector<std::string> Differences(const std::vector<std::string>& ours,
                                     const std::vector<std::string>& recorded) {
  std::vector<std::string> result;
  for (const std::string& text : ours) {
    if (std::find(recorded.begin(), recorded.end(), text) == recorded.end()) {
      result.push_back("ours: " + text);
    }
  }
  for (const std::string& text : recorded) {
    if (std::find(ours.begin(), ours.end(), text) == ours.end()) {
      result.push_back("recorded: " + text);
    }
  }
  return result;
}

// `object` as the recorder leaves answers: without what a controller, the clock or a counter sets.
Value Comparable(Value object) {
  Value& metadata = object.Ensure("metadata");
  for (const char* field : {"generation", "namespace", "finalizers"}) metadata.Erase(field);
  if (object["kind"].str() == "PersistentVolume") {
    object.Ensure("status").Erase("lastPhaseTransitionTime");
  }
  if (object["kind"].str() == "Job") {
    for (const char* key : {"controller-uid", "batch.kubernetes.io/controller-uid"}) {
      if (Value* labels = metadata.FindMutable("labels")) labels->Set(key, "the-uid");
      object.Ensure("spec")
          .Ensure("template")
          .Ensure("metadata")
          .Ensure("labels")
          .Set(key, "the-uid");
    }
    object.Ensure("spec")
        .Ensure("selector")
        .Ensure("matchLabels")
        .Set("batch.kubernetes.io/controller-uid", "the-uid");
  }
  return object;
}

TEST_CASE("built-in objects are stored and refused as by the real API server", "[devapi]") {
  const BuiltinKinds kinds;
  const Value recorded = RecordedAnswers("builtin.json");
  REQUIRE(recorded.size() > 100);
  for (const Value& row : recorded.items()) {
    const std::string sent = FormatJson(row["object"]);
    CAPTURE(sent);
    const Outcome outcome = Create(kinds, row["object"]);
    CHECK(outcome.refused == row["refused"].str());
    CHECK(Differences(Texts(outcome.errors), Texts(ErrorsOf(row["errors"]))) ==
          std::vector<std::string>());
    if (row.Has("stored")) {
      CHECK(FormatJson(Comparable(outcome.object)) == FormatJson(Comparable(row["stored"])));
    }
    std::vector<std::string> unknown;
    for (const Value& path : row["unknown"].items()) unknown.emplace_back(path.str());
    CHECK(outcome.unknown == unknown);
  }
}

TEST_CASE("decoding and defaulting a stored object changes nothing", "[devapi]") {
  const BuiltinKinds kinds;
  const Value recorded = RecordedAnswers("builtin.json");
  for (const Value& row : recorded.items()) {
    if (!row.Has("stored")) continue;
    const Value& stored = row["stored"];
    const std::string before = FormatJson(stored);
    CAPTURE(before);
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(stored["apiVersion"].str(), absl::MaxSplits('/', 1));
    const bool core = parts.second.empty();
    const std::string group = core ? "" : parts.first;
    const std::string version = core ? parts.first : parts.second;
    GoDecoded decoded =
        GoDecode(*kinds.SchemaOf(group, version, stored["kind"].str()), stored).value();
    ApplyBuiltinDefaults(group, version, stored["kind"].str(), decoded.value);
    CHECK(FormatJson(decoded.value) == before);
  }
}

// The first line of an error, without the value where the reference prints its internal types:
// those of pod templates, and diffs.
std::vector<std::string> Outlines(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) {
    std::string text = absl::StrCat(error.reason, " ", ToString(error));
    text = text.substr(0, text.find('\n'));
    if (error.field == "spec.template") {
      text.erase(text.find(": {"), text.rfind("}: ") - text.find(": {"));
    }
    texts.push_back(std::move(text));
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

TEST_CASE("changes of built-in objects are stored and refused as by the real server", "[devapi]") {
  const BuiltinKinds kinds;
  const Value recorded = RecordedAnswers("builtin_updates.json");
  REQUIRE(recorded.size() > 40);
  for (const Value& row : recorded.items()) {
    if (row.Has("message")) continue;  // what the router answers: wrong name, old resourceVersion
    const Value& old = row["old"];
    CAPTURE(old["kind"].str(), FormatJson(row["patch"]));
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(old["apiVersion"].str(), absl::MaxSplits('/', 1));
    const bool core = parts.second.empty();
    const std::string group = core ? "" : parts.first;
    const std::string version = core ? parts.first : parts.second;
    const std::string kind(old["kind"].str());
    const BuiltinKind* const found = FindKind(kinds, group, version, kind);
    REQUIRE(found != nullptr);
    const Schema* const schema = kinds.SchemaOf(group, version, kind);
    const bool has_status =
        std::any_of(found->subresources.begin(), found->subresources.end(),
                    [](const BuiltinSubresource& sub) { return sub.name == "status"; });

    Value object = GoDecode(*schema, value::ApplyMergePatch(old, row["patch"])).value().value;
    ApplyBuiltinDefaults(group, version, kind, object);
    PrepareBuiltinUpdate({group, version, kind, schema, has_status}, old, object);
    // What the server keeps of the old metadata, whatever the client sends.
    for (const char* field : {"uid", "creationTimestamp", "generation"}) {
      if (const Value* value = old["metadata"].Find(field)) {
        object.Ensure("metadata").Set(field, *value);
      }
    }
    if (HasGeneration(group, kind) && ChangesGeneration(group, kind, old, object)) {
      object.Ensure("metadata").Set("generation", old["metadata"]["generation"].int_or(0) + 1);
    }
    const FieldErrors errors =
        ValidateBuiltinUpdate(group, version, kind, found->namespaced, old, object);
    CHECK(Differences(Outlines(errors), Outlines(ErrorsOf(row["errors"]))) ==
          std::vector<std::string>());
    // The addresses of a Service belong to its allocator.
    if (row.Has("stored") && kind != "Service") {
      CHECK(FormatJson(object) == FormatJson(row["stored"]));
    }
  }
}

}  // namespace
}  // namespace sluice::devapi
