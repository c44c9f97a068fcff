# The third-party libraries, all from Debian 12. One folder of common/ owns each (docs/adr/0002);
# that folder names it in EXTERNAL, nobody else does.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(ZLIB REQUIRED)  # named by the interface of gRPC::grpc
find_package(gRPC CONFIG REQUIRED)
find_package(Catch2 REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(yaml-cpp REQUIRED)
pkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(LIBSSH REQUIRED IMPORTED_TARGET libssh)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)  # the peer of common/http in its tests
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# Its -pthread would define _REENTRANT, which the shared precompiled headers were built without.
set_property(TARGET PkgConfig::RE2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(RNP REQUIRED IMPORTED_TARGET librnp)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

# Its -pthread defines a macro that the precompiled headers were built without; the threads library
# is linked anyway.
set_property(TARGET PkgConfig::RE2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
