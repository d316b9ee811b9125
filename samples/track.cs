#:project ../src/Sconce.Systems/Sconce.Systems.csproj
#:property PublishAot=false

// The wind turbine that slows for a bird: dotnet run track.cs
// A camera's loop gives the tracker what its detector saw, frame by frame; here the frames are made up.
using Sconce.Systems.Detection.Tracking;

var tracker = new Tracker(new TrackerSettings(TrackDistance.MeanEuclidean, DistanceThreshold: 60));
bool isSlow = false;
for (int frame = 0; frame < 60; frame++)
{
    var seen = new List<TrackDetection>();
    bool isSeen = frame is > 5 and < 50 and not (20 or 21 or 33);   // the detector misses some
    if (isSeen) seen.Add(TrackDetection.OfPoint(12 * frame, 300 - (3 * frame)));
    tracker.Update(seen);

    // A bird that was followed for a while and flies towards the tower, at x = 640.
    bool isNear = tracker.Active.Any(bird => bird.Age >= 3 && 640 - bird.Estimate[0] is > 0 and < 400 && bird.Velocity[0] > 0);
    if (isNear == isSlow) continue;
    isSlow = isNear;
    Console.WriteLine($"frame {frame}: {(isSlow ? "slow down" : "full speed")}");
}

Console.WriteLine($"{tracker.IdsGiven} bird seen");
