"""The dispatcher: brings each ticket to the agency that must act, and the result back to the citizen.

Articles: Điều 9 (transfer, competence unclear 9.6), Điều 10 (clocks), Điều 7 (everything recorded).
Reads `tickets`, `ticket.commands`, `agency.<code>.commands`, `timers`, `reply.events`.
Writes the histories `ticket/<id>`; publishes `agency.<code>`, `ticket.events`, `ticket.log`, `replies.<channel>`.

Read `receive.py` (where work comes in; what agencies send: `agency_answers.py`), `life_cycle.py` (what each input
leads to), `route.py` (which agency), `publish.py` (what leaves).
"""
