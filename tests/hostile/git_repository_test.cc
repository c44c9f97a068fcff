// GitRepositories of hostile servers: each is refused within its time, with a message that says
// why, and harms neither the process nor a neighbour.

// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "tests/hostile/git.h"
#include "tests/hostile/server.h"
#include "tests/hostile/siege.h"

namespace sluice::hostile {
namespace {

using git::ObjectType;

constexpr char kFailed[] = "GitOperationFailed";
constexpr uint64_t kMib = uint64_t{1} << 20;
// Of one fetch, spec.timeout.
constexpr char kTimeout[] = "8s";
constexpr absl::Duration kLimit = absl::Seconds(90);
// What may be held at once, whatever is sent: measured 60 to 110 MiB without optimisation.
constexpr double kMaxMemoryMib = 256;
// A neighbour that has to wait for one hostile object waits for spec.timeout at least.
constexpr absl::Duration kMaxNeighbour = absl::Seconds(5);

Hostile Repository(const std::string& name, const std::string& url, const std::string& text,
                   const std::string& reason = kFailed) {
  return {.kind = "GitRepository",
          .name = name,
          .spec = {{"interval", "1h"},
                   {"timeout", kTimeout},
                   {"url", url},
                   {"ref", {{"branch", "main"}}}},
          .reason = reason,
          .text = text};
}

void CheckToll(const Toll& toll) {
  CHECK(toll.peak_mib < kMaxMemoryMib);
  CHECK(toll.worst_during < std::max(kMaxNeighbour, 3 * toll.worst_before));
  CHECK(toll.disk_mib < 16);
}

// A pack with one file.
Pack SmallPack(git::ObjectId& tip) {
  Pack pack;
  const git::ObjectId blob = pack.Add(ObjectType::kBlob, "text\n");
  tip = pack.AddCommit(pack.AddTree({{git::kModeFile, "a.txt", blob}}));
  return pack;
}

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

TEST_CASE("credentials of a repository never leave its host", "[hostile][git]") {
  Server bait;  // where they should not arrive
  git::ObjectId tip;
  const Pack pack = SmallPack(tip);
  ServeGit(bait, "/repo", tip, pack);
  Server server;
  server.On("/port/repo/info/refs", Redirect(bait.url() + "/repo/info/refs?x"));
  server.On("/name/repo/info/refs", Redirect(server.url_by_name() + "/elsewhere/info/refs"));
  ServeGit(server, "/elsewhere", tip, pack);
  // A redirect that names credentials of its own, and one to the same server.
  server.On("/user/repo/info/refs",
            Redirect(absl::StrReplaceAll(bait.url(), {{"http://", "http://u:pw-of-redirect@"}}) +
                     "/repo/info/refs"));
  server.On("/same/repo/info/refs", Redirect("/honest/info/refs"));
  ServeGit(server, "/honest", tip, pack);
  server.On("/chain/repo/info/refs", Redirect(bait.url() + "/back/info/refs"));
  bait.On("/back/info/refs", Redirect(server.url() + "/back/info/refs"));
  ServeGit(server, "/back", tip, pack);
  server.On("/tls/repo/info/refs", Redirect("ftp://127.0.0.1/repo/info/refs"));
  server.On("/file/repo/info/refs", Redirect("file:///etc/passwd/info/refs"));

  // A submodule elsewhere, and one whose URL is an option.
  struct Module {
    const char* name;
    std::string url;
    const char* text;
  };
  std::vector<Hostile> all;
  const auto add_module = [&](const Module& module) {
    Pack parent;
    const git::ObjectId text =
        parent.Add(ObjectType::kBlob,
                   absl::StrCat("[submodule \"m\"]\n\tpath = m\n\turl = ", module.url, "\n"));
    const git::ObjectId root = parent.AddCommit(
        parent.AddTree({{git::kModeFile, ".gitmodules", text}, {git::kModeSubmodule, "m", tip}}));
    ServeGit(server, absl::StrCat("/", module.name), root, parent);
    Hostile hostile =
        Repository(module.name, absl::StrCat(server.url(), "/", module.name), module.text);
    hostile.spec.Set("recurseSubmodules", true);
    hostile.spec.Set("secretRef", {{"name", "login"}});
    if (*module.text == '\0') {
      hostile.status = "True";
      hostile.reason = "Succeeded";
    }
    all.push_back(hostile);
  };
  const std::string marker = absl::StrCat("/tmp/hostile-", server.port());
  for (const Module& module : {
           Module{"module-elsewhere", bait.url() + "/repo", ""},
           Module{"module-option", "--upload-pack=touch " + marker, "submodule"},
           Module{"module-ext", "ext::sh -c touch% " + marker, "submodule"},
           Module{"module-file", "file:///etc", "submodule"},
           Module{"module-path", "/etc", "submodule"},
           Module{"module-ssh", "ssh://-oProxyCommand=touch " + marker + "/x", "submodule"},
           Module{"module-scp", "-oProxyCommand=touch:x", "submodule"},
       }) {
    add_module(module);
  }
  const auto add = [&](const std::string& name, const std::string& text) {
    Hostile hostile = Repository(name, absl::StrCat(server.url(), "/", name, "/repo"), text);
    hostile.spec.Set("secretRef", {{"name", "login"}});
    if (text.empty()) {
      hostile.status = "True";
      hostile.reason = "Succeeded";
    }
    all.push_back(hostile);
  };
  add("port", "");
  add("name", "");
  add("user", "");
  add("same", "");
  add("chain", "");
  add("tls", "unsupported scheme");
  add("file", "unsupported scheme");

  Siege siege;
  const std::vector<std::string> secrets = {"ada-user", "pw-hunter2"};
  siege.AddSecret("login", {{"username", secrets[0]}, {"password", secrets[1]}});
  const Toll toll = siege.Run(all, kLimit);
  CheckToll(toll);
  CHECK(bait.CountOf("/repo") >= 3);
  CHECK(bait.SecretsSeen(secrets).empty());
  CHECK(bait.SecretsSeen({"pw-of-redirect"}).empty());
  for (const Seen& seen : server.seen()) {
    // Another name of the same machine is another host, and so is what comes back from elsewhere.
    if (!absl::StartsWith(seen.path, "/elsewhere") && !absl::StartsWith(seen.path, "/back")) {
      continue;
    }
    CAPTURE(seen.head);
    CHECK_FALSE(seen.headers.Has("Authorization"));
  }
  CHECK_FALSE(server.SecretsSeen(secrets).empty());
  CHECK(access(marker.c_str(), F_OK) != 0);
  siege.CheckUntold({secrets[1], "pw-of-redirect"});
}

TEST_CASE("links of a repository lead nowhere", "[hostile][git]") {
  Server server;
  Pack pack;
  const git::ObjectId text = pack.Add(ObjectType::kBlob, "kept\n");
  const git::ObjectId out = pack.Add(ObjectType::kBlob, "/etc/passwd");
  const git::ObjectId up = pack.Add(ObjectType::kBlob, "../../../../../../etc");
  ServeGit(server, "/links",
           pack.AddCommit(pack.AddTree({{git::kModeSymlink, "dir", up},
                                        {git::kModeFile, "kept.txt", text},
                                        {git::kModeSymlink, "passwd", out}})),
           pack);
  Pack rules;
  const git::ObjectId target = rules.Add(ObjectType::kBlob, "/etc/passwd");
  ServeGit(server, "/rules",
           rules.AddCommit(rules.AddTree({{git::kModeSymlink, ".sourceignore", target}})), rules);
  Siege siege;
  Hostile links = Repository("links", server.url() + "/links", "stored artifact", "Succeeded");
  links.status = "True";
  siege.Run(
      {links, Repository("rules", server.url() + "/rules", ".sourceignore", "SourceIgnoreError")},
      kLimit);
  const auto object = siege.cluster().Get(e2e::kSourceApi, "GitRepository", "links");
  REQUIRE(object.has_value());
  const auto listing = e2e::Run({"/bin/tar", "-tzf",
                                 absl::StrCat(siege.cluster().storage(), "/",
                                              (*object)["status"]["artifact"]["path"].str())});
  REQUIRE(listing.ok());
  CHECK(absl::StrContains(*listing, "kept.txt"));
  CHECK_FALSE(absl::StrContains(*listing, "passwd"));
  CHECK_FALSE(absl::StrContains(*listing, "dir"));
}

TEST_CASE("paths in a spec stay inside of what they are about", "[hostile][git]") {
  Siege siege;
  auto made = e2e::GitRepository::Create(siege.cluster().git_root() + "/inner");
  REQUIRE(made.ok());
  made->Write("app/x.txt", "x\n");
  made->Write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n");
  made->Write("chart/values.yaml", "a: 1\n");
  REQUIRE(made->Commit("first").ok());
  const std::string url = siege.cluster().git_url() + "/inner";
  siege.Apply(e2e::GitRepositoryManifest("inner", url));
  const std::string marker = absl::StrCat("hostile-", getpid());
  const auto includes = [&](const std::string& name, const std::string& from,
                            const std::string& to) {
    Hostile hostile = Repository(name, url, "no such file or directory", "CopyFailure");
    hostile.spec.Set("include", Value::EmptyArray());
    hostile.spec.Ensure("include").Append(
        {{"repository", {{"name", "inner"}}}, {"fromPath", from}, {"toPath", to}});
    return hostile;
  };
  const auto chart = [](const std::string& name, const std::string& path, Value values,
                        const std::string& text) {
    Hostile hostile = {.kind = "HelmChart",
                       .name = name,
                       .spec = {{"interval", "1h"},
                                {"chart", path},
                                {"sourceRef", {{"kind", "GitRepository"}, {"name", "inner"}}}},
                       .text = text};
    if (!values.is_null()) hostile.spec.Set("valuesFiles", std::move(values));
    return hostile;
  };
  Value passwd = Value::EmptyArray();
  passwd.Append("../../../../../../etc/passwd");
  Hostile inside = includes("to", "app", "../../../../tmp/" + marker);
  inside.status = "True";
  inside.reason = "Succeeded";
  inside.text = "stored artifact";
  siege.Run({includes("from", "../../../../etc", "here"), includes("absolute", "/etc", "here"),
             inside, chart("outside", "../../../../etc", Value(), "no such file or directory"),
             chart("values", "chart", passwd, "passwd")},
            kLimit);
  CHECK(access(absl::StrCat("/tmp/", marker).c_str(), F_OK) != 0);
  const auto object = siege.cluster().Get(e2e::kSourceApi, "GitRepository", "to");
  REQUIRE(object.has_value());
  const auto listing = e2e::Run({"/bin/tar", "-tzf",
                                 absl::StrCat(siege.cluster().storage(), "/",
                                              (*object)["status"]["artifact"]["path"].str())});
  REQUIRE(listing.ok());
  CHECK(absl::StrContains(*listing, absl::StrCat("tmp/", marker, "/x.txt")));
}

}  // namespace
}  // namespace sluice::hostile
