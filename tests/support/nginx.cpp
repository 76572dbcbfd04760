// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/nginx.hpp"

#include "support/patience.hpp"

#include <chrono>
#include <poll.h>
#include <stdexcept>

namespace binarly::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view product = "01JQPGDX8QW0YJ0XEKV1EVG534";

// Debian keeps it where an ordinary user's PATH does not look.
constexpr std::string_view program = "/usr/sbin/nginx";

std::string configuration(const std::string& directory, std::uint16_t port,
                          const std::string& directives) {
  std::string text =
      "daemon off;\n"
      // One process, which ends with its id and needs no other user's rights.
      "master_process off;\n"
      "pid nginx.pid;\n"
      "error_log error.log;\n"
      "events { worker_connections 1024; }\n"
      "http {\n"
      "access_log off;\n"
      "types {}\n"
      "default_type application/json;\n";
  for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += kind + "_temp_path " + directory + "/temporary;\n";
  }
  text += "server {\nlisten 127.0.0.1:" + std::to_string(port) + " ssl;\n" +
          "server_name localhost;\n"
          "ssl_certificate certificate.pem;\n"
          "ssl_certificate_key key.pem;\n"
          "ssl_protocols TLSv1.2 TLSv1.3;\n"
          "root " +
          directory + "/root;\n" + directives + "\n}\n}\n";
  return text;
}

}  // namespace

nginx_server::nginx_server(const nginx_options& options) {
  write_images(options.images);
  const certificate_and_key identity = authority_.issue(certificate_request());
  directory_.write("authority.pem", authority_.ca_pem());
  directory_.write("certificate.pem", identity.certificate);
  directory_.write("key.pem", identity.key);
  // Another process may take a free port before nginx does.
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (start(options.directives)) return;
  }
  throw std::runtime_error("nginx does not start: " + process_->errors());
}

std::string nginx_server::base_url() const { return "https://localhost:" + std::to_string(port_); }

fake_image nginx_server::image_at(std::uint64_t index) const {
  std::string digits = std::to_string(index);
  digits.insert(0, 7 - digits.size(), '0');
  fake_image made;
  made.ref = image_ref(product, "01JYJ0W0AACGC7QT1Q2" + digits);
  made.name = "Firmware " + std::to_string(index);
  made.version = "1.0." + std::to_string(index);
  return made;
}

std::string nginx_server::errors() const { return read_file(directory_.path() / "error.log"); }

void nginx_server::write_images(std::uint64_t count) const {
  for (std::uint64_t index = 0; index < count; ++index) {
    const fake_image image = image_at(index);
    directory_.write("root/api/v4/" + image.ref.path(),
                     R"({"id":")" + image.ref.image_id() + R"(","name":")" + image.name +
                         R"(","version":")" + image.version +
                         R"(","createTime":"2024-01-20T10:00:00Z","author":"user@example.com",)" +
                         R"("parent":"products/)" + image.ref.product_id() + R"("})");
  }
}

bool nginx_server::start(const std::string& directives) {
  const std::string directory = directory_.path().string();
  port_ = free_port();
  directory_.write("nginx.conf", configuration(directory, port_, directives));
  process_ = std::make_unique<child_process>(std::vector<std::string>{
      std::string(program), "-p", directory, "-c", "nginx.conf", "-e", directory + "/error.log"});
  const auto end = std::chrono::steady_clock::now() + patience;
  while (process_->running() && std::chrono::steady_clock::now() < end) {
    if (accepts_connections(port_)) return process_->running();
    ::poll(nullptr, 0, 2);
  }
  return false;
}

}  // namespace binarly::testing
