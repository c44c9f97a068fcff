// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/app.h"

#include "common/base/status_macros.h"
#include "common/controller_rpc/artifact_subscriber.h"
#include "common/controller_rpc/controller_server.h"
#include "common/flags/command.h"
#include "common/log/log.h"
#include "common/runtime/controller_app.h"

namespace sluice::image_controller {
namespace {

// Kinds whose reconcilers are still to come: they say so in their status.
constexpr const char* kUnsupported[] = {"ImageRepository", "ImagePolicy", "ImageUpdateAutomation"};

struct Options {
  runtime::ProcessOptions process;
  std::string source_address;  // --source-grpc-addr
};

absl::StatusOr<int> Run(Options options) {
  ASSIGN_OR_RETURN(const auto process, runtime::Process::Start(options.process));
  sync_status::Board board;
  std::vector<std::unique_ptr<runtime::KindController>> kinds;
  for (const char* kind : kUnsupported) {
    kinds.push_back(runtime::KindController::Unsupported(*process, kind));
    board.Follow(kinds.back()->informer());
  }
  controller_rpc::ControllerServer grpc(*process, board);
  RETURN_IF_ERROR(grpc.Start());
  RETURN_IF_ERROR(process->WaitForLeadership());
  RETURN_IF_ERROR(runtime::StartControllers(*process, {}, kinds));
  const controller_rpc::ArtifactSubscriber subscriber(
      process->context(), options.source_address, {.kinds = {"GitRepository"}, .namespaces = {}},
      [&process](const artifact::Event& event) {
        log::Debug(process->context(), "artifact event",
                   {{"source", event.publication.source.ToString()},
                    {"revision", event.publication.artifact.revision}});
      },
      RealClock());
  return process->WaitForEnd();
}

}  // namespace

int Main(int argc, const char* const* argv) {
  Options options;
  options.process.controller = "image-controller";
  Command command("image-controller", "Scans registries and writes new image tags back to Git.");
  runtime::AddFlags(command, options.process);
  command.Text("--source-grpc-addr", options.source_address,
               "source-controller's gRPC address for artifact events; empty: watches only",
               "SOURCE_GRPC_ADDR");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const auto code = Run(std::move(options));
  if (code.ok()) return *code;
  log::Error(Context::Background(), code.status(), "image-controller cannot go on");
  return 1;
}

}  // namespace sluice::image_controller
