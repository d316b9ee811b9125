#!/usr/bin/env bash
# Makes the pictures of docs/tour.md again: docs/tour/. Everything is made from nothing: claims' networks, and inputs that are drawn here.
#     eng/tour.sh [NAME…]        some of them, such as hyperrim; about half an hour for all on two cores
set -euo pipefail
cd "$(dirname "$0")/.."
sconce=${SCONCE:-./sconce}
work=${TOUR_WORK:-artifacts/tour}
out=docs/tour
mkdir -p "$work" "$out"

# The claim's network, trained once and kept between runs of this script.
kept() {
    local folder=$work/reports/$1
    [[ -f $folder/network.ckpt ]] || "$sconce" claim "$1" --seeds 1 --out "$folder" >/dev/null
    echo "$folder/network.ckpt"
}

# Pictures of a few pixels, enlarged as they are.
enlarged() { ffmpeg -v error -y -i "$1" -vf "scale=iw*$2:-1:flags=neighbor" "$3"; }

# Pixels as text (P3), from an awk program that prints "r g b" for column x of row y.
drawn() {
    awk -v w="$1" -v h="$2" "BEGIN { print \"P3\", w, h, 255; for (y = 0; y < h; y++) for (x = 0; x < w; x++) { $3 } }"
}

vqgan() {
    "$sconce" generate vqgan --weights "$(kept vqgan)" --count 16 --seed 1 --out "$work/vqgan.png"
    enlarged "$work/vqgan.png" 3 $out/vqgan.png
}

dalle() {
    "$sconce" generate dalle "red disc topleft" --weights "$(kept dalle)" --count 9 --seed 1 --out "$work/dalle.png"
    enlarged "$work/dalle.png" 3 $out/dalle.png
}

cips() {
    "$sconce" generate cips --weights "$(kept cips)" --size 128 --count 4 --seed 1 --out "$work/cips.png"
    ffmpeg -v error -y -i "$work/cips.png" -q:v 85 $out/cips.webp
}

swagan() {
    "$sconce" generate swagan --weights "$(kept swagan)" --count 16 --seed 1 --truncation 0.5 --out "$work/swagan.png"
    enlarged "$work/swagan.png" 4 $out/swagan.png
}

osgan() {
    "$sconce" generate osgan --weights "$(kept osgan)" --count 16 --seed 1 --out "$work/osgan.png"
    enlarged "$work/osgan.png" 4 $out/osgan.png
}

gan_tickets() {
    "$sconce" generate gan_tickets --weights "$(kept gan_tickets)" --count 16 --seed 1 --out "$work/gan_tickets.png"
    enlarged "$work/gan_tickets.png" 4 $out/gan_tickets.png
}

hyperrim() {
    drawn 2 2 'print 130, 130, 130' >"$work/small.ppm"
    "$sconce" upscale hyperrim "$work/small.ppm" --weights "$(kept hyperrim)" --count 9 --seed 1 --out "$work/hyperrim.png"
    enlarged "$work/hyperrim.png" 9 $out/hyperrim.png
}

# A puppet that swings its arms and legs, as keypoints of eight poses.
charactergan() {
    awk 'function end(label, x, y, angle, length_, file) {
            printf "%s,%.0f,%.0f,%s\n", label, x + length_ * sin(angle), y + length_ * cos(angle), file }
        BEGIN { for (k = 0; k < 8; k++) {
            file = sprintf("pose-%d.png", k); swing = sin(k / 8 * 2 * 3.14159265)
            end("far-foot", 15.5, 19, -0.6 * swing, 10, file); end("far-hand", 15.5, 10, 1.1 * swing, 9, file)
            end("near-foot", 15.5, 19, 0.6 * swing, 10, file); end("near-hand", 15.5, 10, -1.1 * swing, 9, file)
            for (n = split("far-hip hip near-hip", hips, " "); n; n--) end(hips[n], 15.5, 19, 0, 0, file)
            for (n = split("far-shoulder neck near-shoulder", necks, " "); n; n--) end(necks[n], 15.5, 10, 0, 0, file)
        } }' >"$work/walk.csv"
    "$sconce" animate charactergan --keypoints "$work/walk.csv" --weights "$(kept charactergan)" --between 2 --frame-size 192 \
        --out "$work/walk.webp"
    cp "$work/walk.webp" $out/charactergan.webp
}

guigan() {
    "$sconce" generate guigan --weights "$(kept guigan)" --count 4 --seed 1 --out "$work/screens/"
    ffmpeg -v error -y -i "$work/screens/answer.png" -vf "scale=iw/2:-1" $out/guigan.png
}

# Somebody says what is where, and points at it.
trecs() {
    awk 'BEGIN {
        split("there is a sky there is a lawn i see a ball here is the tower", words, " ")
        place["sky"] = "0.5 0.2 0.45 0.15"; place["lawn"] = "0.5 0.8 0.45 0.15"; place["ball"] = "0.25 0.5 0.12 0.12"
        place["tower"] = "0.7 0.45 0.06 0.2"
        for (k = 1; k in words; k++) {
            told = told (k > 1 ? " " : "") words[k]
            times = times (k > 1 ? "," : "") sprintf("{\"utterance\":\"%s\",\"start_time\":%d,\"end_time\":%.1f}", words[k], k, k + 0.9)
            if (!(words[k] in place)) continue
            split(place[words[k]], at, " ")
            for (n = 0; n < 16; n++) {
                trace = trace (trace ? "," : "") sprintf("{\"x\":%.3f,\"y\":%.3f,\"t\":%.3f}", at[1] + at[3] * cos(n * 0.4),
                    at[2] + at[4] * sin(n * 0.4), k + n * 0.055)
            }
        }
        printf "{\"image_id\":\"tour\",\"annotator_id\":\"1\",\"caption\":\"%s\",\"timed_caption\":[%s],\"traces\":[[%s]]}\n",
            told, times, trace }' >"$work/narrative.jsonl"
    "$sconce" generate trecs "$work/narrative.jsonl" --weights "$(kept trecs)" --out "$work/canvas/"
    ffmpeg -v error -y -i "$work/canvas/narrative-canvas-01.png" -i "$work/canvas/narrative-01.png" \
        -filter_complex "[0][1]hstack,scale=iw*6:-1:flags=neighbor" $out/trecs.png
}

# An evening by the sea, painted stroke by stroke; the renderer is a formula, so that no network is wanted.
neural_painting() {
    drawn 320 240 'sun = (x - 215)^2 + (y - 95)^2; ridge = 128 + 22 * sin(x / 38) + 10 * sin(x / 13 + 1)
        if (sun < 900 && y < ridge) print 255, 236, 170
        else if (y < ridge) printf "%d %d %d\n", 90 + y * 0.9, 110 + y * 0.45, 190 - y * 0.5
        else if (y < 175) printf "%d %d %d\n", 40 + (175 - y) * 0.6, 60 + (175 - y) * 0.5, 80
        else {
            glint = exp(-((x - 215) / (12 + (y - 175) * 0.6))^2)
            printf "%d %d %d\n", 50 + 190 * glint, 85 + 120 * glint, 130 + 20 * glint
        }' \
        >"$work/evening.ppm"
    "$sconce" paint "$work/evening.ppm" --strokes 250 --passes 4 --steps 60 --brush oil --seed 1 --out "$work/painted.png"
    ffmpeg -v error -y -i "$work/painted.png" -q:v 80 $out/neural_painting.webp
}

all=(vqgan dalle cips swagan osgan gan_tickets hyperrim charactergan guigan trecs neural_painting)
for name in "${@:-${all[@]}}"; do
    [[ " ${all[*]} " == *" $name "* ]] || { echo "tour: '$name' is none of ${all[*]}" >&2; exit 2; }
    echo "$name"
    "$name"
done
