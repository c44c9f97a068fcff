// `sluice-cluster`: all commands, with what is needed to talk to clusters and controllers.

// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

int main(int argc, char** argv) { return sluice::cli::Main(argc, argv); }
