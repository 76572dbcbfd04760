// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_VERDICT_SCENE_HPP
#define BINARLY_TESTS_SUPPORT_VERDICT_SCENE_HPP

#include "support/connect_proxy.hpp"
#include "support/fault_server.hpp"
#include "support/scripted_socks.hpp"

#include <binarly/client.hpp>
#include <binarly/testing/certificate_authority.hpp>
#include <binarly/verify_images.hpp>

#include <functional>
#include <optional>
#include <string>

namespace binarly::testing {

/// A whole answer; each further header line ends in CRLF.
[[nodiscard]] std::string http(const std::string& status, const std::string& body,
                               const std::string& headers = {});
/// An error in the form of the platform's API.
[[nodiscard]] std::string platform_error(const std::string& status);
/// The image of these scenes, with further members.
[[nodiscard]] std::string image_json(const std::string& more = {}, const std::string& id = "I");

/// What answers one verification, what lies in between, and what is expected.
struct verdict_scene {
  /// The service's answers; empty for none.
  std::string image = http("200 OK", image_json());
  std::string scans = http("200 OK", R"({"scans":[]})");
  std::string report;
  /// In place of them: what whoever connects to the service meets.
  std::function<server_script(const certificate_authority&)> meets;
  /// An identity server's answer, empty for none; absent for a token that is fixed.
  std::optional<std::string> token;
  /// That of the alternative address; absent for no such address.
  std::optional<std::string> other_token;
  std::function<void(client_credentials_options&)> identity;
  /// What a proxy says to a CONNECT, or to SOCKS; absent for no proxy.
  std::optional<proxy_reply> proxy;
  std::optional<socks_reply> socks;
  /// What else the client is told.
  std::function<void(client_options&)> options;
  /// What is expected beside the id.
  std::optional<std::string> version = "1";
  std::optional<std::string> sha256;
  bool scan = false;
  bool accept_failed_scans = false;
  sbom_format format = sbom_format::cyclonedx;
  /// This process has no file descriptor left.
  bool no_descriptors = false;
  /// The run is stopped as soon as the service was asked.
  bool stopped = false;
};

/// What a run makes of it; with a wait for the upload and its scan, none where it would look again
/// and again.
[[nodiscard]] std::optional<verification> verify(const verdict_scene& what, bool wait);

}  // namespace binarly::testing

#endif
