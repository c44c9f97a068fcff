// SPDX-License-Identifier: Apache-2.0
#include "tests/conditions/comparison.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/kube/object.h"
#include "common/value/json.h"

namespace sluice::conditions {
namespace {

// Events that come or not depending on which object a controller happened to look at first.
constexpr absl::string_view kTimingEvents[] = {"NoSourceArtifact", "NoArtifact",
                                               "ArtifactUpToDate"};
// Counters that grow for as long as one waits.
constexpr absl::string_view kCounters[] = {"failures"};

bool IsHex(char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); }

bool IsTime(absl::string_view text) {
  return text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
         text[13] == ':' && absl::ascii_isdigit(text[0]);
}

// Runs of 40 and 64 hexadecimal digits.
std::string MaskDigests(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && IsHex(text[end])) ++end;
    const size_t length = end - i;
    if (length == 40) {
      out += "<sha1>";
    } else if (length == 64) {
      constexpr absl::string_view kPrefix = "sha256:";
      if (absl::EndsWith(out, kPrefix)) {
        out.resize(out.size() - kPrefix.size());
        out += "<digest>";
      } else {
        out += "<sha256>";
      }
    } else {
      if (length == 0) ++end;
      absl::StrAppend(&out, text.substr(i, end - i));
    }
    i = end;
  }
  return out;
}

// "127.0.0.1:PORT"
std::string MaskAddresses(absl::string_view text) {
  constexpr absl::string_view kHost = "127.0.0.1:";
  std::string out;
  while (true) {
    const size_t at = text.find(kHost);
    if (at == absl::string_view::npos) break;
    absl::StrAppend(&out, text.substr(0, at));
    text.remove_prefix(at + kHost.size());
    size_t digits = 0;
    while (digits < text.size() && absl::ascii_isdigit(text[digits])) ++digits;
    // Port 1 is the scenarios' own: nobody listens there.
    absl::StrAppend(&out, text.substr(0, digits) == "1" ? "127.0.0.1:1" : "<addr>");
    text.remove_prefix(digits);
  }
  absl::StrAppend(&out, text);
  return out;
}

std::string MaskText(absl::string_view text, const Masks& masks) {
  if (IsTime(text)) return "<time>";
  const std::string named =
      absl::StrReplaceAll(text, {{masks.git_url, "<git>"}, {masks.ns, "<ns>"}});
  return MaskDigests(MaskAddresses(named));
}

Value Masked(const Value& value, const Masks& masks) {
  if (value.is_string()) return Value(MaskText(value.str(), masks));
  if (value.is_array()) {
    Value out = Value::EmptyArray();
    for (const Value& item : value.items()) out.Append(Masked(item, masks));
    return out;
  }
  if (!value.is_object()) return value;
  Value out = Value::EmptyObject();
  for (const value::Member& member : value.members()) {
    out.Set(member.key,
            absl::EndsWith(member.key, "Duration") ? Value("<dur>") : Masked(member.value, masks));
  }
  return out;
}

// `status` without what may differ.
Value Comparable(const Value& status) {
  if (status.is_array()) {
    Value out = Value::EmptyArray();
    for (const Value& item : status.items()) out.Append(Comparable(item));
    return out;
  }
  if (!status.is_object()) return status;
  Value out = Value::EmptyObject();
  for (const value::Member& member : status.members()) {
    if (member.key == "message" || member.key == "lastTransitionTime") continue;
    const bool varies = member.key == "size" ||
                        std::count(std::begin(kCounters), std::end(kCounters), member.key) > 0;
    out.Set(member.key, varies ? Value("a number") : Comparable(member.value));
  }
  return out;
}

void Compare(const std::string& path, const Value& recorded, const Value& observed,
             std::vector<std::string>& out) {
  const auto shown = [](const Value& value) {
    return value.is_null() ? std::string("nothing")
                           : value::FormatJson(value, {.escape_html = false});
  };
  if (recorded.is_object() && observed.is_object()) {
    std::set<std::string> keys;
    for (const Value* side : {&recorded, &observed}) {
      for (const value::Member& member : side->members()) keys.insert(member.key);
    }
    for (const std::string& key : keys) {
      Compare(absl::StrCat(path, ".", key), recorded[key], observed[key], out);
    }
    return;
  }
  if (recorded.is_array() && observed.is_array() && recorded.size() == observed.size()) {
    for (size_t i = 0; i < recorded.size(); ++i) {
      Compare(absl::StrCat(path, "[", i, "]"), recorded.at(i), observed.at(i), out);
    }
    return;
  }
  if (recorded == observed) return;
  out.push_back(
      absl::StrCat(path, "\n    recorded: ", shown(recorded), "\n    here:     ", shown(observed)));
}

// A line per condition: "Ready=True Succeeded, generation 1".
std::vector<std::string> ConditionLines(const Value& status) {
  std::vector<std::string> lines;
  for (const Value& condition : status["conditions"].items()) {
    lines.push_back(absl::StrCat(condition["type"].str(), "=", condition["status"].str(), " ",
                                 condition["reason"].str(), ", generation ",
                                 condition["observedGeneration"].int_or(-1)));
  }
  return lines;
}

void CompareObject(const std::string& name, const Value& recorded, const Value& observed,
                   std::vector<std::string>& out) {
  if (recorded.is_null() || observed.is_null()) {
    out.push_back(absl::StrCat(name, recorded.is_null() ? " was not recorded" : " is not there"));
    return;
  }
  for (const char* field : {"finalizers", "generation", "labels"}) {
    Compare(absl::StrCat(name, " ", field), recorded[field], observed[field], out);
  }
  const auto then = ConditionLines(recorded["status"]);
  const auto now = ConditionLines(observed["status"]);
  if (then != now) {
    constexpr char kLine[] = "\n      ";
    out.push_back(absl::StrCat(name, " conditions\n    recorded:", then.empty() ? " none" : kLine,
                               absl::StrJoin(then, kLine), "\n    here:",
                               now.empty() ? " none" : kLine, absl::StrJoin(now, kLine)));
  }
  Value recorded_rest = Comparable(recorded["status"]);
  Value observed_rest = Comparable(observed["status"]);
  recorded_rest.Erase("conditions");
  observed_rest.Erase("conditions");
  Compare(absl::StrCat(name, " status"), recorded_rest, observed_rest, out);
}

// The kinds of events: repetitions, order and message aside.
std::set<std::string> EventLines(const Value& form) {
  std::set<std::string> lines;
  for (const Value& event : form["events"].items()) {
    const absl::string_view reason = event["reason"].str();
    if (std::count(std::begin(kTimingEvents), std::end(kTimingEvents), reason) > 0) continue;
    std::vector<std::string> annotations;
    for (const value::Member& member : event["annotations"].members()) {
      annotations.push_back(member.key);
    }
    lines.insert(absl::StrCat(event["object"].str(), ": ", event["type"].str(), " ", reason,
                              annotations.empty() ? "" : " with ",
                              absl::StrJoin(annotations, ", ")));
  }
  return lines;
}

}  // namespace

Value ObservedForm(const std::vector<Value>& objects, const std::vector<Value>& events,
                   const Masks& masks) {
  Value by_name = Value::EmptyObject();
  for (const Value& object : objects) {
    Value finalizers = Value::EmptyArray();
    for (const Value& name : object["metadata"]["finalizers"].items()) finalizers.Append(name);
    Value labels = Value::EmptyObject();
    for (const value::Member& label : object["metadata"]["labels"].members()) {
      labels.Set(label.key, label.value);  // the recording has them unmasked
    }
    by_name.Set(absl::StrCat(object["kind"].str(), "/", kube::Name(object)),
                {{"finalizers", std::move(finalizers)},
                 {"generation", kube::Generation(object)},
                 {"labels", std::move(labels)},
                 {"status", Masked(object["status"], masks)}});
  }
  Value list = Value::EmptyArray();
  for (const Value& event : events) {
    Value annotations = Value::EmptyObject();
    for (const value::Member& member : event["metadata"]["annotations"].members()) {
      annotations.Set(member.key, Masked(member.value, masks));
    }
    list.Append({{"object", absl::StrCat(event["involvedObject"]["kind"].str(), "/",
                                         event["involvedObject"]["name"].str())},
                 {"type", event["type"]},
                 {"reason", event["reason"]},
                 {"message", Masked(event["message"], masks)},
                 {"annotations", std::move(annotations)}});
  }
  return {{"objects", std::move(by_name)}, {"events", std::move(list)}};
}

std::vector<std::string> Differences(const Value& recorded, const Value& observed) {
  std::vector<std::string> out;
  std::set<std::string> names;
  for (const Value* side : {&recorded, &observed}) {
    for (const value::Member& member : (*side)["objects"].members()) names.insert(member.key);
  }
  for (const std::string& name : names) {
    CompareObject(name, recorded["objects"][name], observed["objects"][name], out);
  }
  const std::set<std::string> then = EventLines(recorded);
  const std::set<std::string> now = EventLines(observed);
  for (const std::string& line : then) {
    if (!now.contains(line)) out.push_back(absl::StrCat("event missing: ", line));
  }
  for (const std::string& line : now) {
    if (!then.contains(line)) out.push_back(absl::StrCat("event not recorded: ", line));
  }
  return out;
}

std::vector<std::string> MessageDifferences(const Value& recorded, const Value& observed) {
  std::vector<std::string> out;
  for (const value::Member& object : recorded["objects"].members()) {
    const auto now = observed["objects"][object.key]["status"]["conditions"].items();
    for (const Value& condition : object.value["status"]["conditions"].items()) {
      const auto same = std::find_if(now.begin(), now.end(), [&](const Value& other) {
        return other["type"] == condition["type"];
      });
      if (same == now.end() || (*same)["message"] == condition["message"]) continue;
      out.push_back(absl::StrCat(object.key, " ", condition["type"].str(),
                                 "\n    recorded: ", condition["message"].str(),
                                 "\n    here:     ", (*same)["message"].str()));
    }
  }
  return out;
}

}  // namespace sluice::conditions
