#:project ../src/Sconce.Systems/Sconce.Systems.csproj
#:property PublishAot=false

// The wind turbine that slows for a bird: dotnet run track.cs, or with a camera's clip: dotnet run track.cs -- CLIP RUN
// RUN is a folder that `sconce train centernet_lite --data birds/` wrote. Without a clip what a detector saw is made up.
using Sconce.Abilities;
using Sconce.Systems;
using Sconce.Systems.Detection.Tracking;
using Sconce.Video;

if (args.Length is not (0 or 2))
{
    Console.Error.WriteLine("usage: dotnet run track.cs [-- CLIP RUN]");
    return 2;
}

var (width, height) = args.Length == 0 ? (640, 480) : (VideoFrames.Probe(args[0]).Width, VideoFrames.Probe(args[0]).Height);
double reach = 0.375 * width;    // the tower stands at the right edge; what flies within is near it
var near = new TrackZone("tower", [reach, 0, width, 0, width, height, reach, height]);

var tracker = new Tracker(new TrackerSettings(TrackDistance.MeanEuclidean, DistanceThreshold: 60 * width / 640.0));
bool isSlow = false;
int frame = 0;
foreach (var seen in args.Length == 0 ? MadeUp() : Seen(args[0], args[1]))
{
    tracker.Update(seen);

    // A bird that was followed for a while and flies towards the tower.
    bool isNear = tracker.Active.Any(bird => bird.Age >= 3 && near.Holds(bird.Estimate[0], bird.Estimate[1]) && bird.Velocity[0] > 0);
    if (isNear != isSlow) Console.WriteLine($"frame {frame}: {(isNear ? "slow down" : "full speed")}");
    (isSlow, frame) = (isNear, frame + 1);
}

Console.WriteLine($"{tracker.IdsGiven} bird{(tracker.IdsGiven == 1 ? "" : "s")} seen");
return 0;

// The middle of each box that the detector finds, frame by frame.
static IEnumerable<IReadOnlyList<TrackDetection>> Seen(string clip, string run)
{
    using var detector = Sessions.Open<Session<Picture, Boxes, DetectSettings>>(Verb.Detect, run);
    var all = Enumerable.Range(0, (int)VideoFrames.Count(clip)).Select(place => (long)place);
    foreach (var picture in VideoFrames.Read(clip, [.. all]))
    {
        var found = detector.Ask(Picture.Of(picture, "a frame"), new DetectSettings { Threshold = 0.3 });
        yield return [.. found.Items.Select(box => TrackDetection.OfPoint((box.Left + box.Right) / 2, (box.Top + box.Bottom) / 2))];
    }
}

// A bird that flies from left to right; the detector misses some frames.
static IEnumerable<IReadOnlyList<TrackDetection>> MadeUp()
{
    for (int frame = 0; frame < 60; frame++)
    {
        bool isSeen = frame is > 5 and < 50 and not (20 or 21 or 33);
        yield return isSeen ? [TrackDetection.OfPoint(12 * frame, 300 - (3 * frame))] : [];
    }
}
