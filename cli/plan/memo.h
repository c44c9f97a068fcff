// Memo: renderings of earlier runs, in one file of the user's cache folder.
//
// A rendering is found by its recipe, a digest of everything but files that decides it, and is
// taken if the files that it was made of are still the same; so neither revisions nor times matter.
// Losing the file costs time and nothing else. Nothing that was decrypted is put in.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cli/plan/record.h"

namespace sluice::plan {

// Thread-safe.
class Memo {
 public:
  static constexpr size_t kMaxBytes = size_t{96} << 20;

  // What `file` holds; nothing if it is not there, damaged, or of another version of this program.
  // "" keeps nothing on disk.
  explicit Memo(std::string file);

  // The rendering by `recipe` whose inputs' identity, as `inputs_id` tells it, is what it was.
  using InputsIdOf = absl::FunctionRef<std::string(const std::set<std::string>& inputs)>;
  std::shared_ptr<const Record> Find(absl::string_view recipe, InputsIdOf inputs_id);
  void Put(const std::string& recipe, const std::string& inputs_id,
           std::shared_ptr<const Record> record, bool on_disk);

  // Writes the file if something is new: what was used last first, up to kMaxBytes.
  absl::Status Save();

 private:
  struct Entry {
    std::string inputs_id;
    absl::string_view bytes;
    bool on_disk = true;
    std::atomic<bool> used = false;
    absl::once_flag decoding;
    std::shared_ptr<const Record> record;  // once it is decoded; null if it is damaged
  };
  using Entries = std::vector<std::shared_ptr<Entry>>;  // the newest first

  void Load(std::shared_ptr<const std::string> content);

  const std::string file_;
  absl::Mutex mutex_;
  std::shared_ptr<const std::string> content_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Entries> records_ ABSL_GUARDED_BY(mutex_);
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sluice::plan
