"""Timelines of other programs, through OpenTimelineIO: what is used of which medium, and results put back.

Pure logic: media are described by whoever calls (`MediaInfo`), frames are rendered by whoever calls. Nothing
else in the bridge imports this package, so that a host without OpenTimelineIO still connects.

    reading      a file, whatever program wrote it, to a timeline    bundles    .otioz and .otiod
    walking      a timeline to the clips that show pictures          timing     exact rates, timecode
    paths        a reference's text to a file                        numbered   names of numbered pictures
    media        a reference to a medium, how it is counted          linking    media by name and timecode
    ranges       the frames of a medium that a clip uses             keyframes  markers to frames
    shots        uses of one medium to jobs                          planning   all of this: the plan
    requests     a shot to its job                                   engine     jobs through a client
    write_back   results as further references of their clips        placing    results on a track above
    resolve      the form that DaVinci Resolve reads                 conforming from file to file
"""
