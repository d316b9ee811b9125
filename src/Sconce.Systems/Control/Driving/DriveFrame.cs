using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>A frame of a drive: what the camera sees, the road from above, and the steering wheel.</summary>
internal static class DriveFrame
{
    private const int Rows = 24, Columns = 48, Scale = 8, Left = Columns * Scale, Height = 320, Above = 256;
    private const int WheelX = Left / 2, WheelY = 256, Radius = 48;
    private const double PixelsOfMetre = 8, Turned = 1.5; // radians of the wheel at the greatest steering
    private static readonly Rgb Ground = new(34, 60, 34), Asphalt = new(96, 96, 96), Line = new(235, 235, 235);
    private static readonly Rgb Car = new(220, 60, 50), Lost = new(255, 200, 0), Dark = new(20, 20, 24), Wheel = new(200, 200, 205);

    /// <summary>What the first car's camera sees.</summary>
    public static float[] Camera(LaneCars cars)
    {
        using var scope = new TensorScope();
        return CarView.See([cars.Views[0]]).Contiguous().ToArray<float>();
    }

    /// <summary>640 x 320, 8-bit RGB.</summary>
    /// <param name="cars">The first one is drawn.</param>
    /// <param name="steering">In [-1, 1], left positive.</param>
    /// <param name="seen">The camera's 24 x 48 pixels.</param>
    public static Image Draw(LaneCars cars, double steering, float[] seen)
    {
        var frame = new Image(Left + Above, Height);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Left + Above; x++) Put(frame, x, y, x >= Left ? FromAbove(cars, x - Left, y) : Dark);
        }

        for (int y = 0; y < Rows * Scale; y++)
        {
            for (int x = 0; x < Left; x++)
            {
                byte grey = (byte)Math.Clamp(seen[(y / Scale * Columns) + (x / Scale)] * 255, 0, 255);
                Put(frame, x, y, new Rgb(grey, grey, grey));
            }
        }

        DrawWheel(frame, steering * Turned);
        return frame;
    }

    private static Rgb FromAbove(LaneCars cars, int x, int y)
    {
        var (carX, carY, heading) = cars.Views[0].Pose;
        // The car is below the middle and the world's first axis leads up.
        double ahead = ((Height * 3 / 4) - y) / PixelsOfMetre, left = ((Above / 2) - x) / PixelsOfMetre;
        double along = (ahead * Math.Cos(heading)) + (left * Math.Sin(heading));
        double across = (left * Math.Cos(heading)) - (ahead * Math.Sin(heading));
        if (Math.Abs(along) < 1.6 && Math.Abs(across) < 0.7) return Math.Abs(cars.Offsets[0]) > LaneCars.HalfWidth ? Lost : Car;
        double offset = Math.Abs(carY + left - cars.Centre(0, carX + ahead));
        return offset < 0.15 ? Line : offset < LaneCars.HalfWidth ? Asphalt : Ground;
    }

    private static void DrawWheel(Image frame, double turn)
    {
        for (int y = -Radius; y <= Radius; y++)
        {
            for (int x = -Radius; x <= Radius; x++)
            {
                double radius = Math.Sqrt((x * x) + (y * y));
                double across = (x * Math.Cos(turn)) - (y * Math.Sin(turn)), down = (x * Math.Sin(turn)) + (y * Math.Cos(turn));
                bool isRim = radius <= Radius && radius > Radius - 8;
                bool isSpoke = radius <= Radius && (Math.Abs(down) < 4 || (Math.Abs(across) < 4 && down > 0));
                if (isRim || isSpoke) Put(frame, WheelX + x, WheelY + y, Wheel);
            }
        }
    }

    private static void Put(Image frame, int x, int y, Rgb colour)
    {
        var pixel = frame.Pixels.Slice(((y * frame.Width) + x) * 3, 3);
        (pixel[0], pixel[1], pixel[2]) = (colour.R, colour.G, colour.B);
    }
}
