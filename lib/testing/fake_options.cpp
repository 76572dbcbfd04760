// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_options.hpp"

#include "testing/fake_answers.hpp"
#include "testing/token_endpoint.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace binarly::testing {
namespace {

constexpr std::uint64_t most_things = std::uint64_t{1} << 40U;
constexpr std::uint64_t most_components = 10'000'000;
constexpr std::size_t most_permissions = 16;
constexpr std::size_t longest_permission = 64;

}  // namespace

void refuse_option(std::string reason) {
  throw failure_error(failure(errc::invalid_argument, std::move(reason)));
}

std::vector<std::string> checked(std::vector<std::string> permissions) {
  const auto is_plain = [](const std::string& name) {
    return !name.empty() && name.size() <= longest_permission &&
           std::ranges::all_of(name, [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-';
           });
  };
  if (permissions.size() > most_permissions || !std::ranges::all_of(permissions, is_plain)) {
    refuse_option("permissions: at most 16, each of 1 to 64 letters, digits and ._-");
  }
  return permissions;
}

/// Of the identity server; those about images cannot be carried out there.
std::vector<misbehaviour> checked(std::vector<misbehaviour> faults) {
  const auto is_senseless = [](const misbehaviour& one) { return is_the_services_own(one.kind); };
  const auto senseless = std::ranges::find_if(faults, is_senseless);
  if (senseless != faults.end()) {
    refuse_option("faults: " + std::string(to_string(senseless->kind)) +
                  " cannot happen to a request for a token");
  }
  return faults;
}

fake_service_options checked(fake_service_options options) {
  using namespace std::chrono_literals;
  if (options.images == 0 || options.images > most_things) {
    refuse_option("images: from 1 to 2^40");
  }
  if (options.products == 0 || options.products > most_things) {
    refuse_option("products: from 1 to 2^40");
  }
  if (options.report_components > most_components) {
    refuse_option("report_components: at most 10000000");
  }
  if (options.latency < 0ms || options.latency > 1h) {
    refuse_option("latency: from 0 to 1 hour");
  }
  const std::string& prefix = options.path_prefix;
  const bool plain = std::ranges::all_of(prefix, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~/").find(c) != std::string_view::npos;
  });
  if (!prefix.empty() &&
      (!plain || prefix.size() > 1024 || prefix.front() != '/' || prefix.back() == '/')) {
    refuse_option("path_prefix: like /binarly, out of letters, digits and -._~/");
  }
  if (const char* const wrong = trouble_with(options.identity)) refuse_option(wrong);
  if (options.elsewhere) {
    if (const char* const wrong = trouble_with(*options.elsewhere)) {
      refuse_option("elsewhere: " + std::string(wrong));
    }
  }
  return options;
}

}  // namespace binarly::testing
