// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/record.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/digest.h"
#include "common/value/json.h"

namespace sluice::plan {
namespace {

std::string DefinedBy(const ssa::ObjectId& id, const Value& object) {
  if (id.gvk.kind != "CustomResourceDefinition") return "";
  const Value& spec = object["spec"];
  std::vector<absl::string_view> versions;
  for (const Value& version : spec["versions"].items()) {
    if (version["served"].bool_or(false)) versions.push_back(version["name"].str());
  }
  return absl::StrCat(spec["group"].str(), " ", spec["names"]["kind"].str(), " ",
                      spec["scope"].str(), " ", absl::StrJoin(versions, ","));
}

absl::Status Damaged() { return absl::DataLossError("the stored rendering is damaged"); }

}  // namespace

void PutText(absl::string_view text, std::string& out) {
  const auto size = static_cast<uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof(size));
  absl::StrAppend(&out, text);
}

bool TakeText(absl::string_view& rest, absl::string_view& text) {
  uint32_t size = 0;
  if (rest.size() < sizeof(size)) return false;
  std::memcpy(&size, rest.data(), sizeof(size));
  rest.remove_prefix(sizeof(size));
  if (rest.size() < size) return false;
  text = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

Value PlannedObject::Parse() const { return value::ParseJson(json).value_or(Value()); }

std::shared_ptr<const Record> Record::Make(const std::set<std::string>& inputs,
                                           const std::vector<Rendered>& objects) {
  std::string body;
  for (const Rendered& rendered : objects) {
    const ssa::ObjectId id = ssa::ObjectId::Of(rendered.object);
    PutText(rendered.object["apiVersion"].str(), body);
    PutText(id.gvk.kind, body);
    PutText(id.key.ns, body);
    PutText(id.key.name, body);
    PutText(absl::StrCat(static_cast<int>(rendered.role)), body);
    PutText(DefinedBy(id, rendered.object), body);
    PutText(value::FormatJson(rendered.object), body);
  }
  std::string all_inputs;
  for (const std::string& input : inputs) PutText(input, all_inputs);
  auto bytes = std::make_shared<std::string>();
  PutText(crypto::Digest(crypto::Algorithm::kSha256, body), *bytes);
  PutText(all_inputs, *bytes);
  PutText(body, *bytes);
  const absl::string_view view = *bytes;
  return Decode(std::move(bytes), view).value();
}

absl::StatusOr<std::shared_ptr<const Record>> Record::Decode(
    std::shared_ptr<const std::string> owner, absl::string_view bytes) {
  auto record = std::make_shared<Record>();
  record->owner_ = std::move(owner);
  record->bytes_ = bytes;
  absl::string_view digest;
  absl::string_view inputs;
  absl::string_view body;
  if (!TakeText(bytes, digest) || !TakeText(bytes, inputs) || !TakeText(bytes, body)) {
    return Damaged();
  }
  record->digest_ = std::string(digest);
  absl::string_view text;
  while (!inputs.empty()) {
    if (!TakeText(inputs, text)) return Damaged();
    record->inputs_.emplace_hint(record->inputs_.end(), text);
  }
  while (!body.empty()) {
    absl::string_view fields[7];
    for (absl::string_view& field : fields) {
      if (!TakeText(body, field)) return Damaged();
    }
    PlannedObject object;
    object.id.gvk = kube::ParseGvk(fields[0], fields[1]);
    object.id.key = {std::string(fields[2]), std::string(fields[3])};
    int role = 0;
    if (!absl::SimpleAtoi(fields[4], &role) || role < 0 || role > 2) return Damaged();
    object.role = static_cast<Role>(role);
    object.defines = std::string(fields[5]);
    object.json = fields[6];
    record->has_definitions_ |= !object.defines.empty();
    record->objects_.push_back(std::move(object));
  }
  return record;
}

}  // namespace sluice::plan
