// Git objects, packs and answers of upload-pack, as wrong as they are asked to be.
//
//   Pack pack;
//   const git::ObjectId blob = pack.Add(git::ObjectType::kBlob, "text");
//   const git::ObjectId tip = pack.AddCommit(pack.AddTree({{git::kModeFile, "a", blob}}));
//   ServeGit(server, "/repo", tip, pack, {.count = 0xffffffff});

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/git/object_id.h"
#include "common/git/objects.h"
#include "tests/hostile/server.h"

namespace sluice::hostile {

struct PackLies {
  std::optional<uint32_t> count;  // in the header, instead of the true one
  bool bad_checksum = false;
  size_t cut = 0;  // bytes missing at the end
};

class Pack {
 public:
  git::ObjectId Add(git::ObjectType type, absl::string_view bytes);
  // Entries in the order given, whatever their names.
  git::ObjectId AddTree(const std::vector<git::TreeEntry>& entries);
  git::ObjectId AddCommit(const git::ObjectId& tree);
  // An object that says it has `size` bytes, and is named as if it had.
  git::ObjectId AddClaiming(git::ObjectType type, uint64_t size, absl::string_view bytes);
  // The object that `delta` makes of `base`, whose bytes are not looked at.
  void AddDelta(const git::ObjectId& base, absl::string_view delta);

  std::string Bytes(const PackLies& lies = {}) const;

 private:
  void AddEntry(int type, uint64_t size, absl::string_view prefix, absl::string_view bytes);

  uint32_t count_ = 0;
  std::string entries_;
};

// A difference that copies the first `step` bytes of a base of `base_size` until there are
// `result_size` of them. `step` is at most 0xffffff.
std::string CopyingDelta(uint64_t base_size, uint64_t result_size, uint32_t step);

// The path of a reference advertisement, and of the answer to a fetch, below a repository.
inline constexpr char kInfoRefs[] = "/info/refs";
inline constexpr char kUploadPack[] = "/git-upload-pack";

// What their content types must be.
http::Headers AdvertisementHeaders();
http::Headers ResultHeaders();

// Protocol version 0: `tip` as HEAD and refs/heads/main, without the end of the list if told.
std::string Advertisement(const git::ObjectId& tip, bool complete = true);
// To a fetch of `tip` with depth 1, without the end of the pack if told.
std::string FetchAnswer(const git::ObjectId& tip, absl::string_view pack, bool complete = true);

// A repository at `path` whose branch main is `tip`, and whose every fetch is answered with `pack`.
void ServeGit(Server& server, const std::string& path, const git::ObjectId& tip, const Pack& pack,
              const PackLies& lies = {});
void ServeGit(Server& server, const std::string& path, const git::ObjectId& tip,
              const std::string& pack);

}  // namespace sluice::hostile
