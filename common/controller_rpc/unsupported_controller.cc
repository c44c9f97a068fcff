// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/unsupported_controller.h"

#include <memory>
#include <optional>

#include "common/base/status_macros.h"
#include "common/controller_rpc/artifact_subscriber.h"
#include "common/controller_rpc/controller_server.h"
#include "common/flags/command.h"
#include "common/log/log.h"
#include "common/runtime/controller_app.h"

namespace sluice::controller_rpc {
namespace {

absl::StatusOr<int> Run(const UnsupportedController& controller, runtime::ProcessOptions options,
                        const std::string& source_address) {
  ASSIGN_OR_RETURN(const auto process, runtime::Process::Start(std::move(options)));
  sync_status::Board board;
  std::vector<std::unique_ptr<runtime::KindController>> kinds;
  for (const std::string& kind : controller.kinds) {
    kinds.push_back(runtime::KindController::Unsupported(*process, kind));
    board.Follow(kinds.back()->informer());
  }
  ControllerServer grpc(*process, board);
  RETURN_IF_ERROR(grpc.Start());
  RETURN_IF_ERROR(process->WaitForLeadership());
  RETURN_IF_ERROR(runtime::StartControllers(*process, {}, kinds));
  const ArtifactSubscriber subscriber(
      process->context(), source_address, {.kinds = controller.source_kinds, .namespaces = {}},
      [&process](const artifact::Event& event) {
        log::Debug(process->context(), "artifact event",
                   {{"source", event.publication.source.ToString()},
                    {"revision", event.publication.artifact.revision}});
      },
      RealClock());
  return process->WaitForEnd();
}

}  // namespace

int RunUnsupportedController(const UnsupportedController& controller, int argc,
                             const char* const* argv) {
  runtime::ProcessOptions options;
  options.controller = controller.name;
  std::string source_address;
  Command command(controller.name, controller.description);
  runtime::AddFlags(command, options);
  command.Text("--source-grpc-addr", source_address,
               "source-controller's gRPC address for artifact events; empty: watches only",
               "SOURCE_GRPC_ADDR");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const auto code = Run(controller, std::move(options), source_address);
  if (code.ok()) return *code;
  if (absl::IsCancelled(code.status())) return 0;  // a signal while starting
  log::Error(Context::Background(), code.status(), controller.name + " cannot go on");
  return 1;
}

}  // namespace sluice::controller_rpc
