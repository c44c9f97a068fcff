// What belongs to one repository and its host stays there: credentials, links and paths.

// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/hostile/git.h"
#include "tests/hostile/git_siege.h"
#include "tests/hostile/server.h"
#include "tests/hostile/siege.h"

namespace sluice::hostile {
namespace {

using git::ObjectType;

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
