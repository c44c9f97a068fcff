// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/memo.h"

#include <unistd.h>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice::plan {
namespace {

constexpr size_t kKept = 8;  // renderings of one recipe

// Another build of this program may render otherwise.
const std::string& Head() {
  static const auto* const kHead = [] {
    std::error_code error;
    const std::filesystem::path program = "/proc/self/exe";
    const auto size = std::filesystem::file_size(program, error);
    const auto time = std::filesystem::last_write_time(program, error).time_since_epoch();
    return new std::string(absl::StrCat("sluice plan memo ", size, " ", time.count(), "\n"));
  }();
  return *kHead;
}

}  // namespace

Memo::Memo(std::string file) : file_(std::move(file)) {
  if (file_.empty()) return;
  std::ifstream in(file_, std::ios::binary | std::ios::ate);
  if (!in) return;
  const auto size = static_cast<size_t>(in.tellg());
  if (size > kMaxBytes + (size_t{1} << 20)) return;
  auto content = std::make_shared<std::string>(size, '\0');
  in.seekg(0);
  if (in.read(content->data(), static_cast<std::streamsize>(size))) Load(std::move(content));
}

void Memo::Load(std::shared_ptr<const std::string> content) {
  absl::MutexLock lock(&mutex_);
  absl::string_view rest = *content;
  if (!absl::ConsumePrefix(&rest, Head())) return;
  content_ = std::move(content);
  absl::string_view recipe;
  absl::string_view inputs_id;
  absl::string_view body;
  while (TakeText(rest, recipe) && TakeText(rest, inputs_id) && TakeText(rest, body)) {
    auto entry = std::make_shared<Entry>();
    entry->inputs_id = std::string(inputs_id);
    entry->bytes = body;
    records_[recipe].push_back(std::move(entry));
  }
}

std::shared_ptr<const Record> Memo::Find(absl::string_view recipe, InputsIdOf inputs_id) {
  Entries entries;
  std::shared_ptr<const std::string> content;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = records_.find(recipe);
    if (found == records_.end()) return nullptr;
    entries = found->second;
    content = content_;
  }
  for (const std::shared_ptr<Entry>& entry : entries) {
    absl::call_once(entry->decoding, [&] {
      if (entry->record != nullptr) return;
      auto decoded = Record::Decode(content, entry->bytes);
      if (decoded.ok()) entry->record = *std::move(decoded);
    });
    if (entry->record == nullptr || inputs_id(entry->record->inputs()) != entry->inputs_id) {
      continue;
    }
    entry->used = true;
    return entry->record;
  }
  return nullptr;
}

void Memo::Put(const std::string& recipe, const std::string& inputs_id,
               std::shared_ptr<const Record> record, bool on_disk) {
  auto entry = std::make_shared<Entry>();
  entry->inputs_id = inputs_id;
  entry->bytes = record->bytes();
  entry->record = std::move(record);
  entry->used = true;
  entry->on_disk = on_disk;
  absl::MutexLock lock(&mutex_);
  Entries& entries = records_[recipe];
  entries.insert(entries.begin(), std::move(entry));
  if (entries.size() > kKept) entries.pop_back();
  changed_ |= on_disk;
}

absl::Status Memo::Save() {
  absl::MutexLock lock(&mutex_);
  if (file_.empty() || !changed_) return absl::OkStatus();
  std::string out = Head();
  for (const bool used : {true, false}) {
    for (const auto& [recipe, entries] : records_) {
      for (const std::shared_ptr<Entry>& entry : entries) {
        const bool fits = out.size() + entry->bytes.size() <= kMaxBytes;
        if (entry->used != used || !entry->on_disk || !fits) continue;
        PutText(recipe, out);
        PutText(entry->inputs_id, out);
        PutText(entry->bytes, out);
      }
    }
  }
  // Beside the file and then in its place, so that a run beside this one reads a whole file.
  std::error_code error;
  const std::filesystem::path path(file_);
  std::filesystem::create_directories(path.parent_path(), error);
  const std::string beside = absl::StrCat(file_, ".", ::getpid());
  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  stream.write(out.data(), static_cast<std::streamsize>(out.size()));
  stream.close();
  if (!stream) return absl::InternalError(absl::StrCat("cannot write ", beside));
  std::filesystem::permissions(beside, std::filesystem::perms(0600), error);
  std::filesystem::rename(beside, path, error);
  if (error) {
    return absl::InternalError(absl::StrCat("cannot write ", file_, ": ", error.message()));
  }
  changed_ = false;
  return absl::OkStatus();
}

}  // namespace sluice::plan
