// SPDX-License-Identifier: Apache-2.0
#include "common/git/mirror.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/git/repository.h"

namespace sluice::git {
namespace {

namespace stdfs = std::filesystem;

constexpr absl::string_view kStateFile = "/sluice-mirror";
constexpr absl::string_view kStateHeader = "sluice mirror 1";
// Tips remembered, and offered to the server as what we have.
constexpr size_t kMaxTips = 32;
// Every fetch adds a pack. Looking for an object asks each, so past this it is cheaper to start
// again with one.
constexpr size_t kMaxPacks = 100;
constexpr absl::Duration kLockPoll = absl::Milliseconds(10);

absl::Status DiskError(absl::string_view doing, absl::string_view path, int error) {
  return absl::InternalError(absl::StrCat(doing, " ", path, ": ", std::strerror(error)));
}

// The lock file, held. An advisory lock dies with its process, so a file left behind locks nothing.
class Lock {
 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    if (fd_ >= 0) close(fd_);
  }

  // False if another holds it.
  absl::StatusOr<bool> Try(const std::string& path) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return DiskError("opening", path, errno);
    struct stat held = {};
    struct stat named = {};
    // Between our opening and locking it, its last holder may have deleted the file.
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &held) == 0 &&
        stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino) {
      fd_ = fd;
      return true;
    }
    close(fd);
    return false;
  }

 private:
  int fd_ = -1;
};

// Reads through to the mirror's objects, keeps the lock, and notes damage.
class GuardedStore : public ObjectStore {
 public:
  GuardedStore(std::shared_ptr<const Lock> lock, std::string state_file,
               std::unique_ptr<ObjectStore> store)
      : lock_(std::move(lock)), state_file_(std::move(state_file)), store_(std::move(store)) {}

  absl::StatusOr<ObjectHeader> Header(const ObjectId& id) const override {
    return Noted(store_->Header(id));
  }
  absl::StatusOr<Object> Read(const ObjectId& id, size_t limit) const override {
    return Noted(store_->Read(id, limit));
  }
  absl::Status UseBlob(const ObjectId& id, Use use) const override {
    bool used = false;
    const absl::Status status = store_->UseBlob(id, [&](absl::string_view bytes) {
      used = true;
      return use(bytes);
    });
    // Of what is done with the bytes we know nothing.
    if (!used && absl::IsDataLoss(status)) unlink(state_file_.c_str());
    return status;
  }
  bool Exists(const ObjectId& id) const override { return store_->Exists(id); }
  absl::StatusOr<ObjectId> Write(ObjectType type, absl::string_view bytes) override {
    return store_->Write(type, bytes);
  }
  absl::StatusOr<std::unique_ptr<PackWriter>> ReceivePack() override {
    return store_->ReceivePack();
  }
  absl::Status WritePack(const std::vector<ObjectId>& objects,
                         absl::FunctionRef<absl::Status(absl::string_view)> sink) const override {
    return store_->WritePack(objects, sink);
  }

 private:
  template <typename T>
  absl::StatusOr<T> Noted(absl::StatusOr<T> result) const {
    if (absl::IsDataLoss(result.status())) unlink(state_file_.c_str());
    return result;
  }

  const std::shared_ptr<const Lock> lock_;
  const std::string state_file_;
  const std::unique_ptr<ObjectStore> store_;
};

struct Tip {
  ObjectId id;
  bool shallow = true;
};

// Nothing if the file is not there or not in order.
std::optional<std::vector<Tip>> ReadState(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line != kStateHeader) return std::nullopt;
  std::vector<Tip> tips;
  while (std::getline(file, line) && tips.size() <= kMaxTips) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    const absl::StatusOr<ObjectId> id = ObjectId::Parse(words[0]);
    if (!id.ok() || words.size() != 2 || (words[1] != "shallow" && words[1] != "full")) {
      return std::nullopt;
    }
    tips.push_back({*id, words[1] == "shallow"});
  }
  return tips;
}

absl::Status WriteState(const std::string& path, const std::vector<Tip>& tips) {
  const std::string temporary = absl::StrCat(path, ".new");
  std::ofstream file(temporary, std::ios::trunc);
  file << kStateHeader << '\n';
  for (const Tip& tip : tips) file << tip.id.Hex() << (tip.shallow ? " shallow\n" : " full\n");
  file.close();
  if (!file || rename(temporary.c_str(), path.c_str()) != 0) {
    return DiskError("writing", path, errno);
  }
  return absl::OkStatus();
}

// Removes what an interrupted fetch left, and counts the packs.
size_t TidyPacks(const std::string& directory) {
  size_t packs = 0;
  std::error_code error;
  for (const stdfs::directory_entry& entry : stdfs::directory_iterator(directory, error)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".pack" || extension == ".idx") {
      packs += extension == ".pack" ? 1 : 0;
    } else {
      stdfs::remove(entry.path(), error);
    }
  }
  return packs;
}

class DiskMirror : public Mirror {
 public:
  DiskMirror(std::string directory, std::shared_ptr<const Lock> lock)
      : directory_(std::move(directory)),
        state_file_(absl::StrCat(directory_, kStateFile)),
        lock_(std::move(lock)) {}

  absl::Status Load() {
    std::optional<std::vector<Tip>> tips = ReadState(state_file_);
    const bool usable = tips.has_value() &&
                        TidyPacks(absl::StrCat(directory_, "/objects/pack")) <= kMaxPacks &&
                        OpenStore().ok();
    if (!usable) return Recreate();
    tips_ = *std::move(tips);
    std::error_code ignored;
    stdfs::last_write_time(state_file_, stdfs::file_time_type::clock::now(), ignored);
    return absl::OkStatus();
  }

  bool Has(const ObjectId& commit) const override {
    return std::any_of(tips_.begin(), tips_.end(),
                       [&commit](const Tip& tip) { return tip.id == commit; });
  }

  absl::Status Fetch(const Context& ctx, Remote& remote, std::vector<ObjectId> wants,
                     int depth) override {
    std::vector<Have> haves;
    for (const Tip& tip : tips_) {
      // A shallow commit as a have would leave a hole in a history that is to be whole.
      if (depth > 0 || !tip.shallow) haves.push_back({tip.id, tip.shallow});
    }
    const bool had_any = !tips_.empty();
    absl::Status status = FetchWith(ctx, remote, wants, haves, depth);
    const bool ours_is_suspect = absl::IsDataLoss(status) || absl::IsNotFound(status);
    if (fetched_pack_ && had_any && ours_is_suspect) {
      RETURN_IF_ERROR(Recreate());
      status = FetchWith(ctx, remote, wants, {}, depth);
    }
    if (fetched_pack_ && (absl::IsDataLoss(status) || absl::IsNotFound(status))) {
      return absl::UnavailableError(
          absl::StrCat("the Git server sent an unusable pack: ", status.message()));
    }
    return status;
  }

  absl::Status Adopt(const Context& ctx, const ObjectId& commit) override {
    return Record(ctx, commit, /*shallow=*/false);
  }

  std::shared_ptr<ObjectStore> objects() const override { return store_; }

 private:
  absl::Status OpenStore() {
    ASSIGN_OR_RETURN(std::unique_ptr<ObjectStore> store,
                     ObjectStore::Open(absl::StrCat(directory_, "/objects")));
    store_ = std::make_shared<GuardedStore>(lock_, state_file_, std::move(store));
    return absl::OkStatus();
  }

  absl::Status Recreate() {
    tips_.clear();
    store_.reset();
    std::error_code error;
    stdfs::remove_all(directory_, error);
    if (error) return DiskError("deleting", directory_, error.value());
    RETURN_IF_ERROR(Repository::Init(directory_, /*bare=*/true, "none").status());
    RETURN_IF_ERROR(OpenStore());
    return WriteState(state_file_, tips_);
  }

  absl::Status FetchWith(const Context& ctx, Remote& remote, const std::vector<ObjectId>& wants,
                         const std::vector<Have>& haves, int depth) {
    fetched_pack_ = false;
    ASSIGN_OR_RETURN(const std::unique_ptr<PackWriter> pack, store_->ReceivePack());
    RETURN_IF_ERROR(remote.FetchPack(ctx, {.wants = wants, .haves = haves, .depth = depth},
                                     [&](absl::string_view bytes) {
                                       fetched_pack_ = true;
                                       return pack->Append(ctx, bytes);
                                     }));
    RETURN_IF_ERROR(pack->Finish(ctx));
    for (const ObjectId& want : wants) {
      ASSIGN_OR_RETURN(const ObjectId commit, Peel(*store_, want));
      RETURN_IF_ERROR(Record(ctx, commit, depth > 0));
    }
    return absl::OkStatus();
  }

  absl::Status Record(const Context& ctx, const ObjectId& id, bool shallow) {
    ASSIGN_OR_RETURN(const Commit commit, ReadCommit(*store_, id));
    RETURN_IF_ERROR(CheckComplete(ctx, *store_, commit.tree));
    tips_.erase(
        std::remove_if(tips_.begin(), tips_.end(), [&id](const Tip& tip) { return tip.id == id; }),
        tips_.end());
    tips_.insert(tips_.begin(), {id, shallow});
    if (tips_.size() > kMaxTips) tips_.resize(kMaxTips);
    return WriteState(state_file_, tips_);
  }

  const std::string directory_;
  const std::string state_file_;
  const std::shared_ptr<const Lock> lock_;
  std::shared_ptr<GuardedStore> store_;
  std::vector<Tip> tips_;      // the latest first
  bool fetched_pack_ = false;  // the last FetchWith() got as far as a pack
};

}  // namespace

std::string MirrorDirectory(absl::string_view root, absl::string_view scope,
                            absl::string_view url) {
  const std::string key = absl::StrCat(scope, "\n", absl::StripSuffix(RedactUrl(url), "/"));
  return absl::StrCat(root, "/", crypto::Sha256Hex(key).substr(0, 32));
}

absl::StatusOr<std::unique_ptr<Mirror>> Mirror::Open(const Context& ctx, Clock& clock,
                                                     const std::string& directory) {
  std::error_code error;
  stdfs::create_directories(stdfs::path(directory).parent_path(), error);
  if (error) return DiskError("making the parent of", directory, error.value());
  const auto lock = std::make_shared<Lock>();
  while (true) {
    RETURN_IF_ERROR(ctx.Check());
    ASSIGN_OR_RETURN(const bool held, lock->Try(absl::StrCat(directory, ".lock")));
    if (held) break;
    RETURN_IF_ERROR(clock.Sleep(ctx, kLockPoll));
  }
  auto mirror = std::make_unique<DiskMirror>(directory, lock);
  RETURN_IF_ERROR(mirror->Load());
  return mirror;
}

absl::StatusOr<int> PruneMirrors(const Context& ctx, const std::string& root, absl::Time before) {
  int pruned = 0;
  std::error_code error;
  for (const stdfs::directory_entry& entry : stdfs::directory_iterator(root, error)) {
    RETURN_IF_ERROR(ctx.Check());
    const std::string directory = entry.path().string();
    struct stat state = {};
    if (stat(absl::StrCat(directory, kStateFile).c_str(), &state) != 0 ||
        absl::FromTimeT(state.st_mtime) >= before) {
      continue;
    }
    Lock lock;
    const std::string lock_file = absl::StrCat(directory, ".lock");
    ASSIGN_OR_RETURN(const bool held, lock.Try(lock_file));
    if (!held) continue;
    stdfs::remove_all(entry.path(), error);
    if (error) return DiskError("deleting", directory, error.value());
    unlink(lock_file.c_str());
    ++pruned;
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return DiskError("listing", root, error.value());
  }
  return pruned;
}

}  // namespace sluice::git
