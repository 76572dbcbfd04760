#!/usr/bin/env bash
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
#
# What: to a CONNECT with wrong proxy credentials, tinyproxy answers 401 with WWW-Authenticate, as an
# origin server would, and not 407 with Proxy-Authenticate (RFC 9110, sections 11.7 and 15.5.8).
# To one without credentials it answers 407.
#
# Version: tinyproxy-bin 1.11.1-2.1+deb12u1 of Debian 12.
#
# Seen:
#   without credentials: HTTP/1.0 407 Proxy Authentication Required, Proxy-Authenticate: Basic
#   with a wrong password: HTTP/1.0 401 Unauthorized, WWW-Authenticate: Basic
#
# Why it matters: a client that takes a 401 for the word of the service behind the proxy drops a
# good token and asks for another one, again and again. Nothing came through a tunnel: there is none.
#
# Needs apt-get and the network; fails if what was seen changes.
set -euo pipefail
version=1.11.1-2.1+deb12u1
folder=$(mktemp -d)
finish() {
  [ -z "${proxy:-}" ] || kill "$proxy" 2> /dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
cd "$folder"
apt-get download -q "tinyproxy-bin=$version" > apt.log 2>&1 || { cat apt.log >&2; exit 2; }
dpkg -x tinyproxy-bin_*.deb package

# ask PORT [CREDENTIALS]: the head of the answer to a CONNECT.
ask() {
  exec 3<> "/dev/tcp/127.0.0.1/$1"
  {
    printf 'CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n'
    [ $# -eq 1 ] || printf 'Proxy-Authorization: Basic %s\r\n' "$(printf %s "$2" | base64)"
    printf '\r\n'
  } >&3
  timeout 10 sed '/^\r*$/q' <&3 | tr -d '\r'
  exec 3>&- 3<&-
}

for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  printf '%s\n' "Port $port" 'Listen 127.0.0.1' 'Timeout 30' 'BasicAuth somebody good' > proxy.conf
  package/usr/bin/tinyproxy -d -c proxy.conf > proxy.log 2>&1 &
  proxy=$!
  for _ in $(seq 100); do
    kill -0 "$proxy" 2> /dev/null || break
    if (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then break 2; fi
    sleep 0.1
  done
done

without=$(ask "$port")
wrong=$(ask "$port" somebody:bad)
printf 'without credentials:\n%s\n\nwith a wrong password:\n%s\n' "$without" "$wrong"
grep -q '^HTTP/1\.[01] 407 ' <<< "$without"
grep -qi '^Proxy-Authenticate: Basic' <<< "$without"
grep -q '^HTTP/1\.[01] 401 ' <<< "$wrong"
grep -qi '^WWW-Authenticate: Basic' <<< "$wrong"
echo 'as seen before'
