// Record: what one Kustomization or HelmRelease renders to, in a form that is kept on disk as it
// is: identities ready at hand, objects as JSON that is parsed only where somebody looks into it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/ssa/object_id.h"
#include "common/value/value.h"

namespace sluice::plan {

enum class Role : uint8_t {
  kObject,
  kHook,       // of a chart: runs and goes
  kChartFile,  // of a chart's crds/: is never deleted
};

struct PlannedObject {
  ssa::ObjectId id;
  Role role = Role::kObject;
  // Of a CustomResourceDefinition: "group Kind Namespaced v1,v1beta1", else "".
  std::string defines;
  absl::string_view json;

  Value Parse() const;
  bool is_secret() const { return id.gvk.kind == "Secret" && id.gvk.group.empty(); }
};

// Immutable, so that revisions that render the same share it.
class Record {
 public:
  struct Rendered {
    Value object;
    Role role = Role::kObject;
  };
  // `inputs`: every path of the source that the objects depend on.
  static std::shared_ptr<const Record> Make(const std::set<std::string>& inputs,
                                            const std::vector<Rendered>& objects);
  // `bytes` are those of an encoded record, inside `*owner`. kDataLoss for anything else.
  static absl::StatusOr<std::shared_ptr<const Record>> Decode(
      std::shared_ptr<const std::string> owner, absl::string_view bytes);

  const std::set<std::string>& inputs() const { return inputs_; }
  const std::vector<PlannedObject>& objects() const { return objects_; }
  absl::string_view bytes() const { return bytes_; }
  // Of all objects: equal records have equal digests. Raw bytes.
  const std::string& digest() const { return digest_; }
  bool has_definitions() const { return has_definitions_; }

 private:
  std::shared_ptr<const std::string> owner_;
  absl::string_view bytes_;
  std::set<std::string> inputs_;
  std::vector<PlannedObject> objects_;
  std::string digest_;
  bool has_definitions_ = false;
};

// Texts one after the other, each with its length in front.
void PutText(absl::string_view text, std::string& out);
// Takes one off the front of `rest`; false if there is none whole.
bool TakeText(absl::string_view& rest, absl::string_view& text);

}  // namespace sluice::plan
