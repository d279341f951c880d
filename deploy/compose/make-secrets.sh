#!/bin/sh
# Makes the secrets that compose.yaml mounts, in a folder of its own; what is there already stays as it is.
# Secrets of channels are made empty, which means: not configured. Fill in the file and start its service again.
set -eu

folder="${1:-$(dirname "$0")/secrets}"
umask 077
mkdir -p "$folder"

# The folder is closed to other users of the machine; the files are open to the users within the containers.
keep() {
    [ -e "$folder/$1" ] || { cat >"$folder/.new" && chmod 0444 "$folder/.new" && mv "$folder/.new" "$folder/$1"; }
}

random() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

random | keep mongo_root_password
random | keep mongo_gateway_password
random | keep mongo_replica_key
random | keep grafana_admin_password
printf 'mongodb://gateway:%s@mongo:27017/gateway?replicaSet=gateway' "$(cat "$folder/mongo_gateway_password")" |
    keep gateway_store_url

for empty in facebook_app_secret facebook_verify_token zalo_app_secret email_password; do
    printf '' | keep "$empty"
done
printf '{}' | keep zalo_oas

echo "Secrets are in $folder; docs/operating.md says what each is for."
