// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/verdict_scene.hpp"

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/client_verify_run.hpp"
#include "support/few_descriptors.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace binarly::testing {
namespace {

using namespace std::chrono_literals;

/// A look asks for the image twice at most, with the token that it has and with another. Who asks
/// more often looks again.
constexpr int more_than_one_look = 5;

/// All servers of a scene, and a client.
class verdict_world {
 public:
  explicit verdict_world(const verdict_scene& what) : what_(what) {
    if (what.meets) {
      const std::vector<server_script> always(more_than_one_look, what.meets(authority_));
      scripted_.emplace(context_, authority_, always);
    }
    options_ = scripted_ ? options_for(url_of_port(scripted_->port()), authority_.ca_pem())
                         : options_for(url_of_port(service_.port()), service_.ca_pem());
    if (what.token) ask_for_token(*what.token);
    if (what.proxy) options_.proxy.url = proxy_.url();
    if (what.socks) options_.proxy.url = socks_.url();
    if (what.options) what.options(options_);
  }

  std::optional<verification> verify(bool wait) {
    std::optional<verification> got;
    verify_run run(
        client(context_.get_executor(), options_), std::vector{upload(wait)},
        [&](verification done) { got = std::move(done); }, how());
    if (what_.no_descriptors) {
      const few_descriptors none_left;
      run_until_done(context_, run);
    }
    run_until(context_, [&] { return run.done() || is_enough(wait); });
    const bool again = !run.done() && !what_.stopped;
    if (!run.done()) run.cancel();
    run_until_done(context_, run);
    return again ? std::nullopt : std::move(got);
  }

 private:
  std::string answer(const std::string& head) {
    if (head.find("/scans") != head.npos) return what_.scans;
    if (head.find("/sbomReport") != head.npos) return what_.report;
    ++asked_;
    return what_.image;
  }

  void ask_for_token(const std::string& answer) {
    const auto says = [](const std::string& text) {
      return [text](const std::string&) { return text; };
    };
    client_credentials_options who;
    who.client_id = "id";
    who.client_secret = secret("a secret");
    who.tls.emplace().system_authorities = false;
    identity_.emplace(here_, says(answer));
    who.url = url_of_port(identity_->port());
    who.tls->ca_pem = identity_->ca_pem();
    if (what_.other_token) {
      other_identity_.emplace(here_, says(*what_.other_token));
      who.alternative_url = url_of_port(other_identity_->port());
      who.tls->ca_pem += other_identity_->ca_pem();
    }
    if (what_.identity) what_.identity(who);
    options_.auth = credentials::client_credentials(std::move(who));
  }

  [[nodiscard]] expectation upload(bool wait) const {
    expectation out(image_ref("P", "I"));
    out.version = what_.version;
    out.sha256 = what_.sha256;
    if (wait) out.wait = 1h;
    if (what_.scan) out.wait_for_scan = wait ? 1h : std::chrono::milliseconds(1);
    return out;
  }

  [[nodiscard]] verify_options how() const {
    verify_options out;
    out.accept_failed_scans = what_.accept_failed_scans;
    out.report = what_.format;
    out.look_again = retry_policy().base_delay(1ms).jitter_kind(jitter::none).delay_cap(1ms);
    return out;
  }

  [[nodiscard]] bool is_enough(bool wait) const {
    if (what_.stopped) return asked_ > 0;
    return wait && asked_ >= more_than_one_look;
  }

  using executor = boost::asio::any_io_executor;

  const verdict_scene& what_;
  int asked_ = 0;  // for the image
  client_options options_;
  const certificate_authority authority_;
  boost::asio::io_context context_;
  const executor here_ = context_.get_executor();
  raw_server service_{here_, [this](const std::string& head) { return answer(head); }};
  scripted_proxy proxy_{here_, [this](const std::string&) { return what_.proxy.value(); }};
  scripted_socks socks_{here_, [this] { return what_.socks.value(); }};
  std::optional<raw_server> identity_;
  std::optional<raw_server> other_identity_;
  std::optional<fault_server> scripted_;
};

}  // namespace

std::string http(const std::string& status, const std::string& body, const std::string& headers) {
  const bool empty = status.starts_with("204");
  return "HTTP/1.1 " + status + "\r\n" + headers +
         (empty ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body;
}

std::string platform_error(const std::string& status) {
  return http(status, R"({"message":"no"})");
}

std::string image_json(const std::string& more, const std::string& id) {
  return R"({"id":")" + id +
         R"(","name":"n","version":"1","createTime":"2024-01-20T10:00:00Z","author":"a",)"
         R"("parent":"products/P")" +
         more + "}";
}

std::optional<verification> verify(const verdict_scene& what, bool wait) {
  return verdict_world(what).verify(wait);
}

}  // namespace binarly::testing
