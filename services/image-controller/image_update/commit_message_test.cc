// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/commit_message.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/api/meta/reason.h"
#include "common/testing/status_matchers.h"
#include "services/image-controller/image_update/message_objects.h"

namespace sluice::image_controller {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

MessageData TestData() {
  const image_setters::ObjectId web = {"apps/v1", "Deployment", "web", "prod"};
  const image_setters::ObjectId api = {"apps/v1", "Deployment", "api", "prod"};
  return {.automation = {"flux-system", "auto"},
          .changes = {{"b.yaml", {{web, {{"app:1", "app:2", "ns:app"}}}}},
                      {"a.yaml",
                       {{web, {{"1", "2", "ns:app:tag"}}}, {api, {{"app:1", "app:2", "ns:app"}}}}}},
          .values = {{"cluster", "prod"}, {"bot", "renovate"}}};
}

TEST_CASE("a message is rendered from what was changed", "[commit_message]") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"", "Update from image update automation"},
      {"no newline", "no newline"},
      {"{{ .AutomationObject }} {{ .AutomationObject.Name }}/{{ .AutomationObject.Namespace }}",
       "flux-system/auto auto/flux-system"},
      {"{{ range $file, $objects := .Changed.FileChanges }}{{ $file }}: {{ range $object, $changes "
       ":= $objects }}{{ $object.Kind }}/{{ $object.Name }}.{{ $object.Namespace }}@"
       "{{ $object.APIVersion }} {{ end }}{{ end }}",
       "a.yaml: Deployment/api.prod@apps/v1 Deployment/web.prod@apps/v1 b.yaml: "
       "Deployment/web.prod@apps/v1 "},
      {"{{ range $object, $changes := .Changed.Objects }}{{ $object.Name }}{{ range $changes }} "
       "{{ .OldValue }}>{{ .NewValue }}({{ .Setter }}){{ end }};{{ end }}",
       "api app:1>app:2(ns:app);web 1>2(ns:app:tag) app:1>app:2(ns:app);"},
      {"{{ range .Changed.Changes }}{{ .OldValue }} {{ end }}", "app:1 1 "},
      {"{{ with (index .Changed.Changes 0) }}{{ print . }}{{ end }}", "{app:1 app:2 ns:app}"},
      {"{{ .Values.cluster }} {{ .Values.nope }}", "prod <no value>"},
      {"{{ range $k, $v := .Values }}{{ $k }}={{ $v }},{{ end }}", "bot=renovate,cluster=prod,"},
      // What Gerrit's Change-Id is made of in the wild.
      {"{{ toString .Changed.FileChanges }}",
       "map[a.yaml:map[{{{apps/v1 Deployment} {api prod}}}:[{app:1 app:2 ns:app}] {{{apps/v1 "
       "Deployment} {web prod}}}:[{1 2 ns:app:tag}]] b.yaml:map[{{{apps/v1 Deployment} {web "
       "prod}}}:[{app:1 app:2 ns:app}]]]"},
      {"I{{ ToString . | sha256sum | trunc 3 }}", nullptr},
      {"{{ now }}", nullptr},
      {"{{ toYaml .Values }}", nullptr},
      {"{{ .Nope }}", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto message = RenderMessage(row.text, TestData());
    if (row.message == nullptr) {
      CHECK_THAT(message.status(), StatusIs(absl::StatusCode::kInvalidArgument, "template"));
      CHECK_FALSE(api::IsStalling(message.status()));
      continue;
    }
    CHECK_THAT(message.status(), IsOk());
    CHECK(message.value_or("") == row.message);
  }
}

TEST_CASE("data that is gone stalls, and says what to use instead", "[commit_message]") {
  for (const char* text : {"{{ range .Updated.Files }}{{ end }}", "{{ .Updated }}",
                           "{{ range .Changed.ImageResult.Images }}{{ end }}"}) {
    CAPTURE(text);
    const absl::Status error = RenderMessage(text, TestData()).status();
    CHECK(api::IsStalling(error));
    CHECK(api::ReasonOf(error, "") == "RemovedTemplateField");
    CHECK_THAT(error, StatusIs(absl::StatusCode::kInvalidArgument, "Please use '.Changed"));
  }
}

TEST_CASE("a message does not take forever", "[commit_message]") {
  CHECK_THAT(RenderMessage("{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}",
                           TestData())
                 .status(),
             StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_CASE("templates have sprig's hermetic functions and the built-in ones", "[commit_message]") {
  const auto& functions = MessageFunctions().functions();
  for (const char* name : {"abbrev", "regexSplit", "add1f", "untilStep", "pluck", "b32dec",
                           "derivePassword", "osBase", "semverCompare", "mustDateModify", "randInt",
                           "unixEpoch", "hello", "adler32sum", "print", "fromJson", "shuffle"}) {
    CAPTURE(name);
    CHECK(functions.contains(name));
  }
  for (const char* name : {"now", "env", "expandenv", "getHostByName", "uuidv4", "randAlpha",
                           "toYaml", "include", "tpl", "lookup", "required"}) {
    CAPTURE(name);
    CHECK_FALSE(functions.contains(name));
  }
}

}  // namespace
}  // namespace sluice::image_controller
