// GitRepositories of hostile servers: each is refused within its time, with a message that says
// why, and harms neither the process nor a neighbour.

// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/hostile/git.h"
#include "tests/hostile/git_siege.h"
#include "tests/hostile/server.h"
#include "tests/hostile/siege.h"

namespace sluice::hostile {
namespace {

using git::ObjectType;

TEST_CASE("Git servers that speak no proper HTTP, or never stop", "[hostile][git]") {
  Server server;
  git::ObjectId tip;
  const Pack pack = SmallPack(tip);
  const std::string advertisement = Advertisement(tip);
  const auto behind_refs = [&](const std::string& name, Behaviour answer) {
    server.On(name + kInfoRefs, Reply(200, AdvertisementHeaders(), advertisement));
    server.On(name + kUploadPack, std::move(answer));
  };
  std::string refs;
  for (int i = 0; i < 60; ++i) {
    const std::string line = absl::StrCat(tip.Hex(), " refs/heads/", std::string(900, 'x'), i);
    absl::StrAppend(&refs, absl::StrFormat("%04x", line.size() + 5), line, "\n");
  }
  server.On("/endless-refs", EndlessBody(AdvertisementHeaders(), Advertisement(tip, false), refs));
  server.On("/drip", Drip(AdvertisementHeaders(), advertisement, absl::Milliseconds(50)));
  server.On("/silence", Silence());
  server.On("/endless-head", EndlessHead());
  server.On("/endless-interim", EndlessInterim());
  server.On("/broken-chunks", BrokenChunks());
  server.On("/redirects", RedirectLoop());
  server.On("/short", ClaimLength(1 << 30, AdvertisementHeaders(), advertisement.substr(0, 80)));
  server.On("/bomb", Reply(200,
                           {{"Content-Type", "application/x-git-upload-pack-advertisement"},
                            {"Content-Encoding", "gzip"}},
                           GzipBomb(1024 * kMib)));
  behind_refs("/pack-short", ClaimLength(1 << 30, ResultHeaders(), FetchAnswer(tip, "PACK")));
  behind_refs("/pack-silence", Silence());
  behind_refs("/pack-drip",
              Drip(ResultHeaders(), FetchAnswer(tip, pack.Bytes()), absl::Milliseconds(100)));
  behind_refs("/pack-redirect", Redirect(server.url() + "/pack-redirect/git-upload-pack"));
  // What the server would show a user, without an end.
  std::string progress;
  for (int i = 0; i < 16; ++i) {
    absl::StrAppend(&progress, absl::StrFormat("%04x", 4 + 1 + 60000), "\x02",
                    std::string(60000, '.'));
  }
  behind_refs("/progress", EndlessBody(ResultHeaders(), FetchAnswer(tip, "", false), progress));

  Siege siege;
  const auto at = [&](const std::string& name, const std::string& text) {
    return Repository(name, absl::StrCat(server.url(), "/", name), text);
  };
  const auto endless = [&](const std::string& name, const std::string& text) {
    Hostile hostile = at(name, text);
    hostile.endless = true;
    return hostile;
  };
  const Toll toll = siege.Run(
      {
          endless("endless-refs", "more than"),
          at("drip", "context deadline exceeded"),
          at("silence", "context deadline exceeded"),
          at("endless-head", "too large"),
          at("endless-interim", "context deadline exceeded"),
          at("broken-chunks", "not answered by a Git server"),
          at("redirects", "redirect"),
          at("short", "EOF"),
          at("bomb", "unexpected bytes where a packet should start"),
          at("pack-short", "unexpected EOF"),
          at("pack-silence", "context deadline exceeded"),
          at("pack-drip", "context deadline exceeded"),
          at("pack-redirect", "redirect on non-initial request"),
          endless("progress", "more bytes than the limit allows"),
      },
      kLimit);
  CheckToll(toll);
}

TEST_CASE("packs that lie", "[hostile][git]") {
  Server server;
  git::ObjectId tip;
  const Pack honest = SmallPack(tip);
  ServeGit(server, "/count", tip, honest, {.count = 0xffffffff});
  ServeGit(server, "/checksum", tip, honest, {.bad_checksum = true});
  ServeGit(server, "/cut", tip, honest, {.cut = 30});
  ServeGit(server, "/other", git::ObjectId::FromRaw(std::string(20, '\x11')), honest);
  ServeGit(server, "/garbage", tip, std::string(100'000, 'x'));
  for (const auto& [name, size] : std::vector<std::pair<std::string, uint64_t>>{
           {"/size", uint64_t{1} << 60}, {"/size-100m", 100 * kMib}, {"/size-less", 2}}) {
    Pack pack;
    const git::ObjectId blob = pack.AddClaiming(ObjectType::kBlob, size, "small");
    ServeGit(server, name, pack.AddCommit(pack.AddTree({{git::kModeFile, "a", blob}})), pack);
  }
  {
    Pack pack;
    ServeGit(server, "/commit-size",
             pack.AddClaiming(ObjectType::kCommit, uint64_t{1} << 32, "tree 0\n"), pack);
  }
  const std::string base(16 * kMib - 1, '\0');
  for (const auto& [name, size] : std::vector<std::pair<std::string, uint64_t>>{
           {"/delta-8g", 8192 * kMib}, {"/delta-500m", 500 * kMib}, {"/delta-200m", 200 * kMib}}) {
    Pack pack;
    const git::ObjectId blob = pack.Add(ObjectType::kBlob, base);
    pack.AddDelta(blob, CopyingDelta(base.size(), size, 0xffffff));
    const git::ObjectId commit = pack.AddCommit(pack.AddTree({{git::kModeFile, "a", blob}}));
    ServeGit(server, name, commit, pack);
  }
  {
    Pack pack;
    pack.AddDelta(git::ObjectId::FromRaw(std::string(20, '\x22')), CopyingDelta(100, 100, 100));
    ServeGit(server, "/no-base", pack.AddCommit(pack.AddTree({})), pack);
  }
  {
    // The tree is there, what is in it is not.
    Pack pack;
    const git::ObjectId gone = git::ObjectId::FromRaw(std::string(20, '\x33'));
    ServeGit(server, "/incomplete", pack.AddCommit(pack.AddTree({{git::kModeFile, "a", gone}})),
             pack);
  }

  Siege siege;
  const auto at = [&](const std::string& name, const std::string& text) {
    return Repository(name, absl::StrCat(server.url(), "/", name), text);
  };
  // What is not read while fetching is found when it is packed.
  const auto stored = [&](const std::string& name, const std::string& text) {
    return Repository(name, absl::StrCat(server.url(), "/", name), text, "ArchiveOperationFailed");
  };
  const Toll toll = siege.Run(
      {
          at("count", "out of memory"),
          at("checksum", "trailer mismatch"),
          at("cut", "missing trailer"),
          at("other", "unusable pack"),
          at("garbage", "wrong pack signature"),
          stored("size", "more than the"),
          stored("size-100m", "error inflating"),
          stored("size-less", "error inflating"),
          at("commit-size", "more than the limit"),
          at("delta-8g", "failed to apply delta"),
          at("delta-500m", "524288001 bytes"),
          at("delta-200m", "209715201 bytes"),
          at("no-base", "missing delta bases"),
          at("incomplete", "not found"),
      },
      kLimit);
  CheckToll(toll);
}

TEST_CASE("trees that no checkout may make", "[hostile][git]") {
  Server server;
  std::vector<Hostile> all;
  const auto add = [&](const std::string& name, const git::ObjectId& tip, const Pack& pack,
                       const std::string& text, const std::string& reason = kFailed) {
    ServeGit(server, "/" + name, tip, pack);
    all.push_back(Repository(name, absl::StrCat(server.url(), "/", name), text, reason));
  };
  const std::pair<const char*, std::string> names[] = {
      {"dot-git", ".git"},
      {"dot-git-upper", ".GIT"},
      {"dot-dot", ".."},
      {"dot", "."},
      {"slash", "a/../../b"},
      {"absolute", "/etc"},
      {"empty", ""},
      {"ntfs-short", "GIT~1"},
      {"ntfs-dots", ".git. . "},
      {"ntfs-stream", ".git::$INDEX_ALLOCATION"},
      {"ntfs-backslash", ".git\\config"},
      {"hfs-ignorable", ".g\u200cit"},
      {"hfs-ignorable-2", ".gi\ufefft"},
      {"newline", "a\nb"},
  };
  for (const auto& [name, entry] : names) {
    Pack pack;
    const git::ObjectId blob = pack.Add(ObjectType::kBlob, "text\n");
    const git::ObjectId inner = pack.AddTree({{git::kModeFile, "hooks", blob}});
    const git::ObjectId tip = pack.AddCommit(pack.AddTree({{git::kModeDirectory, entry, inner}}));
    if (absl::string_view(name) == "newline") {
      // Unusual, but a name like others.
      add(name, tip, pack, "");
      all.back().status = "True";
      all.back().reason = "Succeeded";
    } else {
      add(name, tip, pack, "name cannot be checked out");
    }
  }
  {
    Pack pack;
    const git::ObjectId blob = pack.Add(ObjectType::kBlob, "text\n");
    add("twice",
        pack.AddCommit(
            pack.AddTree({{git::kModeFile, "a", blob}, {git::kModeDirectory, "a", blob}})),
        pack, "two entries with one name");
  }
  {
    // Ten names for one folder, ten times over: twelve objects, 10^10 files.
    Pack pack;
    git::ObjectId id = pack.Add(ObjectType::kBlob, "bomb\n");
    uint32_t mode = git::kModeFile;
    for (int level = 0; level < 10; ++level) {
      std::vector<git::TreeEntry> entries;
      for (int i = 0; i < 10; ++i) entries.push_back({mode, absl::StrCat("f", i), id});
      id = pack.AddTree(entries);
      mode = git::kModeDirectory;
    }
    add("bomb", pack.AddCommit(id), pack, "more than 1000000 entries", "SourceIgnoreError");
  }
  {
    Pack pack;
    git::ObjectId id = pack.Add(ObjectType::kBlob, "deep\n");
    uint32_t mode = git::kModeFile;
    for (int level = 0; level < 5000; ++level) {
      id = pack.AddTree({{mode, "d", id}});
      mode = git::kModeDirectory;
    }
    add("deep", pack.AddCommit(id), pack, "more than 256 directories deep", "SourceIgnoreError");
  }
  Siege siege;
  const Toll toll = siege.Run(all, kLimit);
  CHECK(toll.peak_mib < kMaxMemoryMib);
  CHECK(toll.disk_mib < 16);
}

}  // namespace
}  // namespace sluice::hostile
